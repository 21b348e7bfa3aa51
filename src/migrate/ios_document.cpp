#include "migrate/ios_document.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

#include "base/number.hpp"
#include "migrate/words.hpp"

namespace migrate {

namespace {

using Words = std::span<const std::string_view>;

constexpr std::uint32_t kMaxSequence = 2'147'483'647;

bool is(Words words, std::initializer_list<std::string_view> wanted) {
  return words.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), words.begin());
}

/// What has no place in rules, though it belongs to a crypto map, and where it goes instead.
struct Elsewhere {
  std::string_view word;
  std::string_view reason;
};
constexpr std::array kOfMaps = {
    Elsewhere{"peer", "peers are discovered, and not configured"},
    Elsewhere{"transform-set", "algorithms are 'esp' in [ike]"},
    Elsewhere{"ikev2-profile", "how peers prove who they are is said in [ike]"},
    Elsewhere{"isakmp-profile", "how peers prove who they are is said in [ike]"},
    Elsewhere{"pfs", "algorithms are 'esp' in [ike]: a group there is PFS"},
    Elsewhere{"security-association", "lifetimes are strongSwan's"},
    Elsewhere{"identity", "who may be a peer is said in [ike]"},
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { document_.groups = ObjectGroups(text); }

  IosDocument read() {
    std::string_view text = text_;
    while (!text.empty()) {
      const auto end = text.find('\n');
      ++number_;
      line_ = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      const auto all = words_of(line_);
      if (!all.empty()) read_line(all);
    }
    for (auto& [name, list] : document_.lists) {
      std::ranges::stable_sort(list.entries, {}, &AccessEntry::sequence);
    }
    for (auto* maps : {&document_.maps, &document_.dynamic_maps}) {
      for (auto& [name, entries] : *maps) std::ranges::stable_sort(entries, {}, &MapEntry::sequence);
    }
    return std::move(document_);
  }

 private:
  enum class Within : std::uint8_t { kNothing, kList, kMap, kInterface, kTransformSet };

  void find(std::string reason, bool lost) {
    document_.findings.push_back({number_, std::string(trimmed(line_)), std::move(reason), lost});
  }

  // Its first words alone: secrets stand in some of these lines.
  void find_setting(Words words) {
    std::string text;
    for (const std::string_view word : words.first(std::min<std::size_t>(words.size(), 3))) {
      text.append(text.empty() ? "" : " ").append(word);
    }
    document_.findings.push_back({number_, std::move(text),
                                  "no matter of rules: secrets, algorithms and certificates are said in [ike]", false});
  }

  // A section's lines are indented by one blank; a line at the margin ends it.
  void read_line(Words words) {
    if (words[0].starts_with('!')) return;
    const bool at_margin = line_.front() != ' ' && line_.front() != '\t';
    if (at_margin && !(within_ != Within::kNothing && continues(words))) {
      within_ = Within::kNothing;
      return read_margin(words);
    }
    switch (within_) {
      case Within::kList: return read_entry(words);
      case Within::kMap: return read_of_map(words);
      case Within::kInterface: return read_of_interface(words);
      case Within::kTransformSet: return read_of_transform_set(words);
      case Within::kNothing: return;
    }
  }

  // Pasted text has lost its blanks: what can only be of the section goes on with it.
  [[nodiscard]] bool continues(Words words) const {
    if (within_ == Within::kList) {
      return words[0] == "permit" || words[0] == "deny" || words[0] == "remark" ||
             base::parse_number(words[0], kMaxSequence);
    }
    if (within_ == Within::kTransformSet) return words[0] == "mode";
    return within_ == Within::kMap && (words[0] == "set" || words[0] == "match" || words[0] == "reverse-route");
  }

  void read_margin(Words words) {
    if (words[0] == "access-list") return read_numbered(words.subspan(1));
    if (is(words, {"ip", "access-list"}) && words.size() >= 4) {
      within_ = Within::kList;
      list_ = words[3];
      document_.lists[list_].is_standard = words[2] == "standard";
    } else if (is(words, {"ipv6", "access-list"})) {
      find("IPv6 access lists are not read; needed only where a crypto map names it", false);
    } else if (is(words, {"crypto", "map"})) {
      read_map(words.subspan(2));
    } else if (is(words, {"crypto", "dynamic-map"})) {
      read_dynamic_map(words.subspan(2));
    } else if (words[0] == "interface" && words.size() >= 2) {
      within_ = Within::kInterface;
      interface_ = std::string(trimmed(line_.substr(9)));
      address_.clear();
    } else if (is(words, {"crypto", "gdoi"})) {
      find("group encryption (GET VPN) has no rule: its policy is the key server's", true);
    } else if (words[0] == "crypto") {
      find_setting(words);
      if (is(words, {"crypto", "ipsec", "transform-set"})) within_ = Within::kTransformSet;
    } else if (words[0] == "no" && (is(words, {"no", "crypto"}) || is(words, {"no", "access-list"}))) {
      find("a command that takes something away: import what 'show running-config' prints", true);
    }
  }

  void read_numbered(Words words) {
    if (words.size() < 2) return;
    list_ = words[0];
    const auto number = base::parse_number<std::uint32_t>(words[0], kMaxSequence);
    document_.lists[list_].is_standard = number && (*number < 100 || (*number >= 1300 && *number < 2000));
    read_entry(words.subspan(1));
  }

  void read_entry(Words words) {
    AccessList& list = document_.lists[list_];
    AccessEntry entry{.sequence = list.entries.empty() ? 10 : list.entries.back().sequence + 10,
                      .line = number_,
                      .text = std::string(trimmed(line_)),
                      .meaning = {}};
    if (const auto given = base::parse_number(words[0], kMaxSequence)) {
      entry.sequence = *given;
      words = words.subspan(1);
    }
    if (words.empty() || words[0] == "remark") return;
    if (list.is_standard) return;
    const bool known = words[0] == "permit" || words[0] == "deny";
    auto meaning =
        known ? parse_access_line(words, document_.groups) : std::unexpected("it is neither 'permit' nor 'deny'");
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {  // also those of a line that is lost: their members say why
      if (words[i] == "object-group") document_.list_groups[list_].emplace(words[i + 1]);
    }
    if (meaning) {
      entry.meaning = *std::move(meaning);
    } else {
      document_.line_findings[list_].push_back({number_, entry.text, std::move(meaning.error()), true});
    }
    list.entries.push_back(std::move(entry));
  }

  MapEntry* enter(std::vector<MapEntry>& entries, std::uint32_t sequence) {
    within_ = Within::kMap;
    auto found = std::ranges::find(entries, sequence, &MapEntry::sequence);
    if (found == entries.end()) {
      entries.push_back(
          {.sequence = sequence, .line = number_, .text = std::string(trimmed(line_)), .lists = {}, .dynamic = {}});
      found = entries.end() - 1;
    }
    return &*found;
  }

  // `NAME SEQ ipsec-isakmp [dynamic NAME [discover]]`, or a setting of the whole map.
  void read_map(Words words) {
    const auto sequence = words.size() < 2 ? std::nullopt : base::parse_number(words[1], kMaxSequence);
    if (!sequence) {
      if (!words.empty()) find("no matter of rules: the gateway's addresses are 'addresses' in [gateway]", false);
      return;
    }
    map_ = {std::string(words[0]), *sequence, false};
    MapEntry& entry = *enter(document_.maps[map_.name], *sequence);
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (words[i] == "dynamic" && i + 1 < words.size()) entry.dynamic = words[++i];
      if (words[i] == "discover") entry.discovers = true;
      if (words[i] == "gdoi" || words[i] == "ipsec-manual") {
        find("a map of the kind '" + std::string(words[i]) + "' negotiates nothing: its flows need a rule of your own",
             true);
      }
    }
  }

  void read_dynamic_map(Words words) {
    const auto sequence = words.size() < 2 ? std::nullopt : base::parse_number(words[1], kMaxSequence);
    if (!sequence) return find("no sequence number: nothing is known of it", true);
    map_ = {std::string(words[0]), *sequence, true};
    enter(document_.dynamic_maps[map_.name], *sequence);
  }

  void read_of_map(Words words) {
    auto& entries = map_.dynamic ? document_.dynamic_maps[map_.name] : document_.maps[map_.name];
    const auto entry = std::ranges::find(entries, map_.sequence, &MapEntry::sequence);
    if (is(words, {"match", "address"}) && words.size() > 2) {
      // `match address ipv6 NAME` and the like: the last word is the list's name.
      entry->lists.emplace_back(words.back());
      return;
    }
    if (words[0] == "reverse-route")
      return find("routes are yours to set: OpenTED needs the packets to come by", false);
    if (words[0] == "description") return;
    const auto known = words.size() < 2 ? kOfMaps.end() : std::ranges::find(kOfMaps, words[1], &Elsewhere::word);
    if (words[0] == "set" && known != kOfMaps.end()) return find(std::string(known->reason), false);
    find("it has no equivalent here", false);
  }

  void read_of_interface(Words words) {
    if (is(words, {"ip", "address"}) && words.size() >= 4 && base::Address::parse(words[2])) {
      if (address_.empty()) address_ = words[2];
    } else if (is(words, {"crypto", "map"}) && words.size() >= 3) {
      const std::string_view map = words[2] == "ipv6" && words.size() > 3 ? words[3] : words[2];
      if (std::ranges::find(document_.applied, map) == document_.applied.end()) document_.applied.emplace_back(map);
      document_.interfaces.push_back(interface_);
      if (!address_.empty()) document_.addresses.push_back(address_);
    } else if (is(words, {"tunnel", "protection"})) {
      find("it protects what is routed into the tunnel interface: write a rule with the prefixes of those routes",
           true);
    }
  }

  void read_of_transform_set(Words words) {
    if (is(words, {"mode", "transport"})) find("OpenTED makes tunnels only", false);
  }

  struct OfMap {
    std::string name;
    std::uint32_t sequence = 0;
    bool dynamic = false;
  };

  std::string_view text_;
  IosDocument document_;
  std::uint32_t number_ = 0;
  std::string_view line_;
  Within within_ = Within::kNothing;
  std::string list_;
  OfMap map_;
  std::string interface_;
  std::string address_;
};

}  // namespace

IosDocument read_ios_document(std::string_view text) {
  return Reader(text).read();
}

}  // namespace migrate

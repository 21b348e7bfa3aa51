#include "migrate/ios.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "migrate/ios_document.hpp"

namespace migrate {

namespace {

using base::Selector;

/// Pairs of lines that are compared at most: a second's work.
constexpr std::size_t kMaxCompared = 50'000'000;
/// Entries of the lists of all rules: a few lines may name groups of thousands.
constexpr std::size_t kMaxNetworks = 1'000'000;

/// The flows that are in both, which overlap.
Selector common(const Selector& one, const Selector& other) {
  return {one.protocol ? one.protocol : other.protocol, one.local.common(other.local), one.remote.common(other.remote),
          one.local_port.common(other.local_port), one.remote_port.common(other.remote_port)};
}

/// One access list where a crypto map has it.
struct Step {
  std::string list;
  const std::vector<AccessEntry>* entries = nullptr;
  bool discover = true;
};

class Importer {
 public:
  explicit Importer(std::string_view text) : document_(read_ios_document(text)) {}

  Imported import() {
    imported_.findings = std::move(document_.findings);
    for (const std::string& map : maps()) add_map(map);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      for (const AccessEntry& entry : *steps_[i].entries) add_line(i, entry);
    }
    std::set<std::string> groups;
    for (const std::string& list : used_) {
      std::ranges::copy(document_.line_findings[list], std::back_inserter(imported_.findings));
      for (const std::string& group : document_.list_groups[list]) document_.groups.add_inner(group, groups);
    }
    for (const std::string& group : groups) {
      std::ranges::copy(document_.groups.findings(group), std::back_inserter(imported_.findings));
    }
    tell_unused();
    take_places();
    std::ranges::stable_sort(imported_.findings, {}, &Finding::line);
    return std::move(imported_);
  }

 private:
  void find(std::uint32_t line, std::string text, std::string reason, bool lost = true) {
    imported_.findings.push_back({line, std::move(text), std::move(reason), lost});
  }

  std::vector<std::string> maps() {
    std::vector<std::string> names;
    for (const std::string& name : document_.applied) {
      if (document_.maps.contains(name)) {
        names.push_back(name);
      } else {
        find(0, "crypto map " + name, "an interface has it, and the file does not define it");
      }
    }
    if (names.size() > 1) {
      find(0, "several crypto maps",
           "rules ask for no interface: they stand one map behind the other, for packets to any of them", false);
    }
    if (!names.empty() || !document_.applied.empty()) return names;
    for (const auto& [name, entries] : document_.maps) names.push_back(name);
    if (names.empty()) find(0, "no crypto map", "access lists become rules only where a crypto map names them");
    return names;
  }

  void add_map(const std::string& name) {
    for (const MapEntry& entry : document_.maps[name]) {
      if (!entry.dynamic) {
        add_entry(entry, true);
        continue;
      }
      const auto dynamic = document_.dynamic_maps.find(*entry.dynamic);
      if (dynamic == document_.dynamic_maps.end()) {
        find(entry.line, entry.text, "there is no dynamic map '" + *entry.dynamic + "'");
        continue;
      }
      for (const MapEntry& one : dynamic->second) add_entry(one, entry.discovers);
    }
  }

  void add_entry(const MapEntry& entry, bool discover) {
    if (entry.lists.empty()) {
      find(entry.line, entry.text,
           "without 'match address' it protects whatever a peer asks for: write a rule with what it may ask for");
    }
    for (const std::string& name : entry.lists) {
      const auto list = document_.lists.find(name);
      if (list == document_.lists.end()) {
        find(entry.line, entry.text, "there is no access list '" + name + "' for IPv4 in the file");
      } else if (list->second.is_standard) {
        find(entry.line, entry.text, "access list '" + name + "' is a standard one, which names no destinations");
      } else {
        used_.insert(name);
        steps_.push_back({name, &list->second.entries, discover});
      }
    }
  }

  void add_line(std::size_t step, const AccessEntry& entry) {
    if (!entry.meaning) return;
    if (entry.meaning->permit) return add_rules(steps_[step], entry, policy::Action::kProtect);
    if (!is_permitted_later(step, *entry.meaning)) return add_rules(steps_[step], entry, policy::Action::kBypass);
    bool told = false;
    for (std::size_t i = 0; i < entry.meaning->size() && !full_; ++i) {
      const Selector box = entry.meaning->box(i);
      const auto later = permitted_later(step, box);
      if (!later) {
        if (!std::exchange(told, true)) {
          find(entry.line, entry.text,
               "later entries of the map permit some of it and deny some: left out, so that more is protected than "
               "before; "
               "write the rules for it by hand");
        }
        if (compared_ > kMaxCompared) return;
        continue;
      }
      for (const auto& [of, line, piece] : *later) add_rule(steps_[of], *line, piece, policy::Action::kProtect);
      add_rule(steps_[step], entry, box, policy::Action::kBypass);
    }
  }

  /// Whether lines of later entries permit anything; true where that takes too long to find out.
  bool is_permitted_later(std::size_t step, const AccessLine& denied) {
    for (std::size_t later = step + 1; later < steps_.size(); ++later) {
      for (const AccessEntry& entry : *steps_[later].entries) {
        if (entry.meaning && entry.meaning->permit && meet(denied, *entry.meaning)) return true;
      }
    }
    return false;
  }

  bool meet(const AccessLine& one, const AccessLine& other) {
    compared_ += one.size() * other.size();
    if (compared_ > kMaxCompared) return true;
    for (std::size_t i = 0; i < one.size(); ++i) {
      const Selector box = one.box(i);
      for (std::size_t j = 0; j < other.size(); ++j) {
        if (box.overlaps(other.box(j))) return true;
      }
    }
    return false;
  }

  struct Piece {
    std::size_t step = 0;
    const AccessEntry* line = nullptr;
    Selector box;
  };

  /// What of a denied box later entries permit; nothing when that cannot be said with boxes.
  std::optional<std::vector<Piece>> permitted_later(std::size_t step, const Selector& denied) {
    std::vector<Piece> pieces;
    for (std::size_t later = step + 1; later < steps_.size(); ++later) {
      std::vector<Selector> barred;
      for (const AccessEntry& entry : *steps_[later].entries) {
        if (!entry.meaning) continue;
        compared_ += entry.meaning->size() * (1 + barred.size());
        if (compared_ > kMaxCompared) return std::nullopt;
        for (std::size_t i = 0; i < entry.meaning->size(); ++i) {
          const Selector box = entry.meaning->box(i);
          if (!box.overlaps(denied)) continue;
          const Selector piece = common(box, denied);
          if (!entry.meaning->permit) {
            barred.push_back(piece);
          } else if (std::ranges::any_of(barred, [&](const Selector& one) { return one.overlaps(piece); })) {
            return std::nullopt;
          } else {
            pieces.push_back({later, &entry, piece});
          }
        }
      }
    }
    return pieces;
  }

  /// A rule for each service: the networks of both sides are lists in it.
  void add_rules(const Step& step, const AccessEntry& entry, policy::Action action) {
    const AccessLine& line = *entry.meaning;
    for (const Service& service : *line.services) {
      add_rule(step, entry, service, *line.local, *line.remote, action);
    }
  }

  void add_rule(const Step& step, const AccessEntry& entry, const Selector& box, policy::Action action) {
    add_rule(step, entry, {box.protocol, box.local_port, box.remote_port}, {box.local}, {box.remote}, action);
  }

  void add_rule(const Step& step, const AccessEntry& entry, const Service& service,
                const std::vector<base::MaskedAddress>& local, const std::vector<base::MaskedAddress>& remote,
                policy::Action action) {
    networks_ += local.size() + remote.size();
    if (full_ || imported_.rules.size() >= kMaxRules || networks_ > kMaxNetworks) {
      if (!std::exchange(full_, true)) {
        find(entry.line, entry.text,
             "more than 100000 rules, or than 1000000 networks in them: this one and all behind it");
      }
      return;
    }
    policy::Rule rule;
    rule.name = names_.unique(step.list + "-" + std::to_string(entry.sequence));
    rule.action = action;
    rule.local = local;
    rule.remote = remote;
    rule.protocol = service.protocol;
    rule.local_port = service.local_port;
    rule.remote_port = service.remote_port;
    rule.discover = rule.respond = action == policy::Action::kProtect;
    if (!step.discover) rule.discover = false;
    rule.source_line = entry.line;
    imported_.rules.push_back({std::move(rule), entry.text});
  }

  void tell_unused() {
    std::string names;
    for (const auto& [name, list] : document_.lists) {
      if (!used_.contains(name) && names.size() < 200) names += (names.empty() ? "" : ", ") + name;
    }
    if (!names.empty()) {
      find(0, "access lists " + names, "no crypto map that is in use names them: filters are nftables' matter", false);
    }
  }

  void take_places() {
    for (const std::string& one : document_.addresses) imported_.add_address(one);
    for (const std::string& one : document_.interfaces) {
      if (std::ranges::find(imported_.interfaces, one) == imported_.interfaces.end())
        imported_.interfaces.push_back(one);
    }
  }

  IosDocument document_;
  Imported imported_;
  std::vector<Step> steps_;
  std::set<std::string> used_;
  Names names_;
  std::size_t compared_ = 0;
  std::size_t networks_ = 0;
  bool full_ = false;
};

}  // namespace

Imported import_ios(std::string_view text) {
  return Importer(text).import();
}

}  // namespace migrate

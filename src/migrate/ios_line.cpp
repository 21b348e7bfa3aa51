#include "migrate/ios_line.hpp"

#include <optional>
#include <utility>

#include "migrate/ios_names.hpp"

namespace migrate {

namespace {

using base::PortRange;

class Line {
 public:
  explicit Line(std::span<const std::string_view> words) : words_(words) {}

  base::Result<AccessLine, std::string> read() {
    AccessLine line;
    line.permit = take() == "permit";
    TED_TRY(line_.protocol, protocol());
    TED_TRY(line_.local, address());
    TED_TRY(const auto local_ports, ports());
    TED_TRY(line_.remote, address());
    TED_TRY(const auto remote_ports, ports());
    if (auto done = icmp(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = options(); !done) return std::unexpected(std::move(done.error()));
    for (const PortRange local : local_ports) {
      for (const PortRange remote : remote_ports) {
        base::Selector box = line_;
        if (!is_icmp()) {
          box.local_port = local;
          box.remote_port = remote;
        }
        line.boxes.push_back(box);
      }
    }
    if (line.boxes.empty()) return std::unexpected("its ports are none");
    return line;
  }

 private:
  using Ports = base::Result<std::vector<PortRange>, std::string>;

  [[nodiscard]] std::string_view peek() const { return words_.empty() ? std::string_view() : words_.front(); }
  std::string_view take() {
    const std::string_view word = peek();
    if (!words_.empty()) words_ = words_.subspan(1);
    return word;
  }
  static std::unexpected<std::string> refuse(std::string_view word, std::string_view what) {
    return std::unexpected(word.empty()
                               ? "it ends where " + std::string(what) + " should stand"
                               : "'" + std::string(word) + "' is no " + std::string(what) + " that is known here");
  }

  [[nodiscard]] bool is_icmp() const { return line_.protocol && base::is_icmp(*line_.protocol); }

  base::Result<std::optional<base::Protocol>, std::string> protocol() {
    const std::string_view word = take();
    if (word == "ip") return std::nullopt;
    const auto protocol = ios_protocol(word);
    if (!protocol) return refuse(word, "protocol");
    return *protocol;
  }

  base::Result<base::Uint128, std::string> number() {
    const std::string_view word = take();
    const auto address = base::Address::parse(word);
    if (!address || address->family() != base::Family::kV4) return refuse(word, "IPv4 address");
    return address->value();
  }

  base::Result<base::MaskedAddress, std::string> address() {
    if (peek() == "any" || peek() == "host") {
      if (take() == "any") return base::MaskedAddress::any(base::Family::kV4);
      TED_TRY(const auto host, number());
      return base::MaskedAddress::host({base::Family::kV4, host});
    }
    if (peek() == "object-group" || peek() == "addrgroup") {
      return std::unexpected("object groups are not read: write its members as lines of their own");
    }
    TED_TRY(const auto address, number());
    TED_TRY(const auto wildcard, number());
    return base::MaskedAddress({base::Family::kV4, address}, ~wildcard & base::all_ones(base::Family::kV4));
  }

  base::Result<std::uint16_t, std::string> port() {
    const std::string_view word = take();
    const auto port = ios_port(word, *line_.protocol);
    if (!port) return refuse(word, "port");
    return *port;
  }

  Ports ports() {
    if (!line_.protocol || !base::has_ports(*line_.protocol)) return std::vector{PortRange::any()};
    const std::string_view how = peek();
    if (how != "eq" && how != "neq" && how != "gt" && how != "lt" && how != "range") {
      return std::vector{PortRange::any()};
    }
    take();
    TED_TRY(const std::uint16_t first, port());
    if (how == "eq") return some(first);
    if (how == "range") {
      TED_TRY(const std::uint16_t last, port());
      if (last < first) return std::unexpected("its range of ports is reversed");
      return std::vector{PortRange{first, last}};
    }
    std::vector<PortRange> ranges;
    if (how != "gt" && first > 0) ranges.push_back({0, static_cast<std::uint16_t>(first - 1)});
    if (how != "lt" && first < 65535) ranges.push_back({static_cast<std::uint16_t>(first + 1), 65535});
    return ranges;
  }

  // Later versions take up to ten ports.
  Ports some(std::uint16_t first) {
    std::vector<PortRange> ranges = {PortRange::only(first)};
    while (const auto next = ios_port(peek(), *line_.protocol)) {
      take();
      ranges.push_back(PortRange::only(*next));
    }
    return ranges;
  }

  base::Result<void, std::string> icmp() {
    if (!is_icmp()) return {};
    const auto message = ios_icmp(peek());
    if (!message) return {};
    take();
    line_.local_port = PortRange::only(message->type);
    auto code = message->has_code ? std::optional(message->code) : std::nullopt;
    if (const auto given = ios_icmp(peek()); !code && given && !given->has_code) {
      code = given->type;
      take();
    }
    if (code) line_.remote_port = PortRange::only(*code);
    return {};
  }

  // What is written to a log changes nothing of what is matched.
  base::Result<void, std::string> options() {
    if (peek() == "log" || peek() == "log-input") {
      take();
      if (words_.size() == 1) take();  // a word of the operator's, to be found in the log
    }
    if (!words_.empty()) return std::unexpected("a rule cannot say '" + std::string(peek()) + "'");
    return {};
  }

  std::span<const std::string_view> words_;
  base::Selector line_;
};

}  // namespace

base::Result<AccessLine, std::string> parse_access_line(std::span<const std::string_view> words) {
  return Line(words).read();
}

}  // namespace migrate

#include "migrate/ios_words.hpp"

#include "migrate/ios_names.hpp"

namespace migrate {

using base::PortRange;

std::string_view IosWords::take() {
  const std::string_view word = peek();
  if (!words_.empty()) words_ = words_.subspan(1);
  return word;
}

std::unexpected<std::string> IosWords::refuse(std::string_view word, std::string_view what) {
  return std::unexpected(word.empty()
                             ? "it ends where " + std::string(what) + " should stand"
                             : "'" + std::string(word) + "' is no " + std::string(what) + " that is known here");
}

base::Result<base::Address, std::string> IosWords::address() {
  const std::string_view word = take();
  const auto address = base::Address::parse(word);
  if (!address || address->family() != base::Family::kV4) return refuse(word, "IPv4 address");
  return *address;
}

base::Result<std::uint16_t, std::string> IosWords::port(base::Protocol protocol) {
  const std::string_view word = take();
  const auto port = ios_port(word, protocol);
  if (!port) return refuse(word, "port");
  return *port;
}

base::Result<std::vector<PortRange>, std::string> IosWords::ports(base::Protocol protocol, bool bare) {
  const std::string_view how = peek();
  if (how != "eq" && how != "neq" && how != "gt" && how != "lt" && how != "range") {
    if (!bare || !ios_port(how, protocol)) return std::vector{PortRange::any()};
    TED_TRY(const std::uint16_t only, port(protocol));
    return std::vector{PortRange::only(only)};
  }
  take();
  if (how == "eq") return equal(protocol);
  TED_TRY(const std::uint16_t first, port(protocol));
  if (how == "range") {
    TED_TRY(const std::uint16_t last, port(protocol));
    if (last < first) return std::unexpected("its range of ports is reversed");
    return std::vector{PortRange{first, last}};
  }
  std::vector<PortRange> ranges;
  if (how != "gt" && first > 0) ranges.push_back({0, static_cast<std::uint16_t>(first - 1)});
  if (how != "lt" && first < 65535) ranges.push_back({static_cast<std::uint16_t>(first + 1), 65535});
  return ranges;
}

// Later versions take up to ten ports.
base::Result<std::vector<PortRange>, std::string> IosWords::equal(base::Protocol protocol) {
  TED_TRY(const std::uint16_t first, port(protocol));
  std::vector<PortRange> ranges = {PortRange::only(first)};
  while (const auto next = ios_port(peek(), protocol)) {
    take();
    ranges.push_back(PortRange::only(*next));
  }
  return ranges;
}

IosWords::Icmp IosWords::icmp() {
  Icmp both;
  const auto message = ios_icmp(peek());
  if (!message) return both;
  take();
  both.type = PortRange::only(message->type);
  auto code = message->has_code ? std::optional(message->code) : std::nullopt;
  if (const auto given = ios_icmp(peek()); !code && given && !given->has_code) {
    code = given->type;
    take();
  }
  if (code) both.code = PortRange::only(*code);
  return both;
}

}  // namespace migrate

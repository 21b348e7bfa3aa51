#include "base/flow.hpp"

#include <optional>
#include <utility>

#include "base/number.hpp"

namespace base {

namespace {

constexpr std::string_view kForm = "write PROTO SRC[:PORT] > DST[:PORT], e.g. tcp 10.1.0.5:40000 > 10.2.0.7:443";

std::unexpected<TextError> malformed(std::string_view text, std::string_view what) {
  return std::unexpected(TextError{"'" + std::string(text) + "' " + std::string(what), std::string(kForm)});
}

struct End {
  Address address;
  std::optional<std::uint16_t> port;
};

// `10.1.0.5`, `10.1.0.5:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`
Result<End, TextError> parse_end(std::string_view text) {
  std::string_view address = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return malformed(text, "has no closing bracket");
    address = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    has_port = !rest.empty();
    if (has_port && !rest.starts_with(':')) return malformed(text, "has no ':' behind the bracket");
    if (has_port) port = rest.substr(1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    address = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }
  End end;
  TED_TRY(end.address, Address::parse(address));
  if (has_port) {
    end.port = parse_number<std::uint16_t>(port, 65535);
    if (!end.port) return malformed(text, "has no valid port");
  }
  return end;
}

std::string_view next_word(std::string_view& text) {
  const auto start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start);
  const auto word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

std::string end_text(const Address& address, std::uint16_t port, bool with_port) {
  if (!with_port) return address.text();
  if (address.family() == Family::kV4) return address.text() + ":" + std::to_string(port);
  return "[" + address.text() + "]:" + std::to_string(port);
}

// None can stand for all: rules may ask for one.
std::unexpected<TextError> without_ports(std::string_view text, Protocol protocol, const Address& from,
                                         const Address& to) {
  const bool icmp = is_icmp(protocol);
  const std::uint16_t echo = protocol == Protocol::kIcmp ? 8 : 128;
  const Flow example = icmp ? Flow{from, to, protocol, echo, 0} : Flow{from, to, protocol, 40000, 443};
  const std::string form =
      icmp ? "give the type with the source and the code with the destination, e.g. " : "give both, e.g. ";
  return std::unexpected(
      TextError{"'" + std::string(text) + "' lacks " + (icmp ? "type or code" : "a port"), form + example.text()});
}

}  // namespace

Flow Flow::mirrored() const {
  Flow mirror = *this;
  std::swap(mirror.source, mirror.destination);
  if (!is_icmp(protocol)) std::swap(mirror.source_port, mirror.destination_port);
  return mirror;
}

Result<Flow, TextError> Flow::parse(std::string_view text) {
  const std::string_view whole = text;
  const auto protocol = next_word(text);
  const auto source = next_word(text);
  const auto arrow = next_word(text);
  const auto destination = next_word(text);
  if (destination.empty() || arrow != ">" || !next_word(text).empty()) return malformed(whole, "is not a flow");
  Flow flow;
  TED_TRY(flow.protocol, parse_protocol(protocol));
  TED_TRY(const End from, parse_end(source));
  TED_TRY(const End to, parse_end(destination));
  if (from.address.family() != to.address.family()) return malformed(whole, "mixes IPv4 and IPv6");
  const bool may_have_ports = has_ports(flow.protocol) || is_icmp(flow.protocol);
  if ((from.port || to.port) && !may_have_ports) return malformed(whole, "gives ports to a protocol without ports");
  if (may_have_ports && !(from.port && to.port)) return without_ports(whole, flow.protocol, from.address, to.address);
  flow.source = from.address;
  flow.destination = to.address;
  flow.source_port = from.port.value_or(0);  // a protocol without ports
  flow.destination_port = to.port.value_or(0);
  if (is_icmp(flow.protocol) && (flow.source_port > 255 || flow.destination_port > 255)) {
    return malformed(whole, "has an ICMP type or code above 255");
  }
  return flow;
}

std::string Flow::text() const {
  const bool with_port = has_ports(protocol) || is_icmp(protocol);
  return base::text(protocol) + " " + end_text(source, source_port, with_port) + " > " +
         end_text(destination, destination_port, with_port);
}

}  // namespace base

#include "platform/vici/selector_text.hpp"

#include <array>
#include <netdb.h>
#include <optional>
#include <string_view>

#include "base/number.hpp"

namespace vici {
namespace {

using base::PortRange;

constexpr std::uint16_t kMaxPort = 65535;

/// One end: an address part and a port part. For ICMP the ports are type << 8 | code.
struct End {
  std::optional<base::Protocol> protocol;
  base::Prefix prefix;
  PortRange ports;
};

std::unexpected<Error> error(ErrorCode code, std::string_view text) {
  return std::unexpected(Error{code, std::string(text), 0});
}

/// Whole, as a range of types or codes: base::Selector may say it as 0-255 or as any.
bool is_every_octet(PortRange range) {
  return range.lo == 0 && range.hi >= 255;
}

Result<PortRange> icmp_ports(const base::Selector& selector) {
  const PortRange type = selector.local_port;
  const PortRange code = selector.remote_port;
  const auto join = [](unsigned high, unsigned low) { return static_cast<std::uint16_t>((high << 8) | low); };
  if (is_every_octet(type) && is_every_octet(code)) return PortRange::any();
  if (type.hi > 255) return error(ErrorCode::kSelectorPorts, selector.text());
  if (is_every_octet(code)) return PortRange{join(type.lo, 0), join(type.hi, 255)};
  if (!type.is_single() || code.hi > 255) return error(ErrorCode::kSelectorPorts, selector.text());
  return PortRange{join(type.lo, code.lo), join(type.lo, code.hi)};
}

std::string write(const base::Prefix& prefix, std::optional<base::Protocol> protocol, PortRange ports) {
  std::string out = prefix.text();
  if (!protocol) return out;
  out += '[' + std::to_string(base::number(*protocol));
  if (!ports.is_any()) {
    out += '/' + std::to_string(ports.lo);
    if (!ports.is_single()) out += '-' + std::to_string(ports.hi);
  }
  return out + ']';
}

std::optional<base::Protocol> read_protocol(const std::string& text) {
  if (const auto known = base::parse_protocol(text)) return *known;
  protoent entry{};
  protoent* found = nullptr;
  std::array<char, 1024> space{};
  if (getprotobyname_r(text.c_str(), &entry, space.data(), space.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  return static_cast<base::Protocol>(found->p_proto);
}

/// Charon writes a single port by its service's name when /etc/services has one.
std::optional<std::uint16_t> read_port(const std::string& text, base::Protocol protocol) {
  if (const auto number = base::parse_number<std::uint16_t>(text, kMaxPort)) return number;
  servent entry{};
  servent* found = nullptr;
  std::array<char, 1024> space{};
  const std::string protocol_name = base::text(protocol);
  if (getservbyname_r(text.c_str(), protocol_name.c_str(), &entry, space.data(), space.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  const auto wire = static_cast<unsigned>(found->s_port);  // network order in the low 16 bits
  return static_cast<std::uint16_t>(((wire & 0xff) << 8) | ((wire >> 8) & 0xff));
}

/// `8` or `8(3)`: type, and code when it is not zero.
std::optional<std::uint16_t> read_icmp(std::string_view text) {
  std::string_view code = "0";
  if (const auto open = text.find('('); open != std::string_view::npos) {
    if (text.back() != ')') return std::nullopt;
    code = text.substr(open + 1, text.size() - open - 2);
    text = text.substr(0, open);
  }
  const auto high = base::parse_number<std::uint16_t>(text, 255);
  const auto low = base::parse_number<std::uint16_t>(code, 255);
  if (!high || !low) return std::nullopt;
  return static_cast<std::uint16_t>((*high << 8) | *low);
}

std::optional<std::uint16_t> read_one(const std::string& text, base::Protocol protocol) {
  return base::is_icmp(protocol) ? read_icmp(text) : read_port(text, protocol);
}

std::optional<PortRange> read_ports(const std::string& text, base::Protocol protocol) {
  if (const auto single = read_one(text, protocol)) return PortRange::only(*single);  // names may hold a dash
  const auto dash = text.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto lo = read_one(text.substr(0, dash), protocol);
  const auto hi = read_one(text.substr(dash + 1), protocol);
  if (!lo || !hi || *lo > *hi) return std::nullopt;
  return PortRange{*lo, *hi};
}

/// The part in brackets: `tcp`, `tcp/https`, `0/443`.
Result<End> read_brackets(End end, const std::string& inside, const std::string& whole) {
  const auto slash = inside.find('/');
  const std::string protocol = inside.substr(0, slash);
  if (protocol != "0" && protocol != "any") {
    end.protocol = read_protocol(protocol);
    if (!end.protocol) return error(ErrorCode::kSelectorText, whole);
  }
  if (slash == std::string::npos) return end;
  if (!end.protocol) return error(ErrorCode::kSelectorPorts, whole);
  const auto ports = read_ports(inside.substr(slash + 1), *end.protocol);
  if (!ports) return error(ErrorCode::kSelectorPorts, whole);
  end.ports = *ports;
  return end;
}

Result<End> read_end(const std::string& text) {
  const auto open = text.find('[');
  const std::string address = text.substr(0, open);
  if (address.find("..") != std::string::npos || address.find('-') != std::string::npos) {
    return error(ErrorCode::kAddressRange, text);
  }
  const auto prefix = base::Prefix::parse(address);
  if (!prefix) return error(ErrorCode::kSelectorText, text);
  End end{std::nullopt, *prefix, PortRange::any()};
  if (open == std::string::npos) return end;
  if (text.back() != ']') return error(ErrorCode::kSelectorText, text);
  return read_brackets(end, text.substr(open + 1, text.size() - open - 2), text);
}

Result<std::vector<End>> read_ends(std::span<const std::string> texts) {
  std::vector<End> ends;
  for (const std::string& text : texts) {
    TED_TRY(End end, read_end(text));
    ends.push_back(end);
  }
  return ends;
}

/// The policy that charon makes of a pair; nothing when the pair carries no traffic.
Result<std::optional<base::Selector>> pair(const End& local, const End& remote) {
  if (local.prefix.family() != remote.prefix.family()) return std::nullopt;
  if (local.protocol && remote.protocol && *local.protocol != *remote.protocol) return std::nullopt;
  base::Selector out{local.protocol ? local.protocol : remote.protocol, local.prefix, remote.prefix, local.ports,
                     remote.ports};
  if (!out.protocol || !base::is_icmp(*out.protocol)) return out;
  const auto both = local.ports.intersect(remote.ports);
  if (!both) return std::nullopt;
  if (both->is_any()) return out;
  const PortRange types{static_cast<std::uint16_t>(both->lo >> 8), static_cast<std::uint16_t>(both->hi >> 8)};
  const PortRange codes{static_cast<std::uint16_t>(both->lo & 0xff), static_cast<std::uint16_t>(both->hi & 0xff)};
  if (!types.is_single() && !is_every_octet(codes)) return error(ErrorCode::kSelectorPorts, out.text());
  out.local_port = types;
  out.remote_port = is_every_octet(codes) ? PortRange::any() : codes;
  return out;
}

}  // namespace

Result<TrafficSelectors> to_ts(const base::Selector& selector) {
  const auto local = selector.local.prefix();
  const auto remote = selector.remote.prefix();
  if (!local || !remote) return error(ErrorCode::kSelectorMask, selector.text());
  if (selector.protocol && base::number(*selector.protocol) == 0) {
    return error(ErrorCode::kSelectorPorts, selector.text());
  }
  PortRange local_port = selector.local_port;
  PortRange remote_port = selector.remote_port;
  if (selector.protocol && base::is_icmp(*selector.protocol)) {
    TED_TRY(local_port, icmp_ports(selector));
    remote_port = local_port;
  } else if (!(local_port.is_any() && remote_port.is_any()) &&
             !(selector.protocol && base::has_ports(*selector.protocol))) {
    return error(ErrorCode::kSelectorPorts, selector.text());
  }
  return TrafficSelectors{write(*local, selector.protocol, local_port), write(*remote, selector.protocol, remote_port)};
}

Result<std::vector<base::Selector>> from_ts(std::span<const std::string> local, std::span<const std::string> remote) {
  TED_TRY(const auto locals, read_ends(local));
  TED_TRY(const auto remotes, read_ends(remote));
  std::vector<base::Selector> out;
  for (const End& mine : locals) {
    for (const End& theirs : remotes) {
      TED_TRY(const auto selector, pair(mine, theirs));
      if (selector) out.push_back(*selector);
    }
  }
  return out;
}

}  // namespace vici

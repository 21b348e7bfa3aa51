#include "cli/capability.hpp"

#include <array>

#include "base/number.hpp"

namespace cli {

namespace {

struct NamedBit {
  std::uint32_t bit;
  std::string_view name;
};

constexpr std::array kBits{NamedBit{wire::Capabilities::kSelectorList, "selector-list"},
                           NamedBit{wire::Capabilities::kKeyedHash, "keyed-hash"},
                           NamedBit{wire::Capabilities::kSignature, "signature"},
                           NamedBit{wire::Capabilities::kTellsTunnels, "tells-tunnels"},
                           NamedBit{wire::Capabilities::kTunnelStands, "tunnel-stands"},
                           NamedBit{wire::Capabilities::kTunnelComing, "tunnel-coming"},
                           NamedBit{wire::Capabilities::kTunnelMine, "tunnel-mine"},
                           NamedBit{wire::Capabilities::kTunnelYours, "tunnel-yours"},
                           NamedBit{wire::Capabilities::kEchoes, "echoes"},
                           NamedBit{wire::Capabilities::kObserves, "observes"}};
constexpr std::string_view kNameless = "bit-";

std::string name_of(unsigned position) {
  for (const auto& [bit, name] : kBits) {
    if (bit == 1U << position) return std::string(name);
  }
  return std::string(kNameless) + std::to_string(position);
}

}  // namespace

std::vector<std::string> capability_names(wire::Capabilities capabilities) {
  std::vector<std::string> names;
  for (unsigned position = 0; position < 32; ++position) {
    if ((capabilities.bits >> position & 1U) != 0) names.push_back(name_of(position));
  }
  return names;
}

std::optional<wire::Capabilities> capability_named(std::string_view text) {
  for (const auto& [bit, name] : kBits) {
    if (name == text) return wire::Capabilities{bit};
  }
  if (!text.starts_with(kNameless)) return std::nullopt;
  const auto position = base::parse_number<unsigned>(text.substr(kNameless.size()), 31U);
  if (!position) return std::nullopt;
  return wire::Capabilities{1U << *position};
}

}  // namespace cli

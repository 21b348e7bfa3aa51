#include "cli/link.hpp"

#include <algorithm>
#include <array>

namespace cli {

namespace {

/// https://www.tcpdump.org/linktypes.html; 12 and 14 are what two families of systems wrote for bare IP.
enum LinkType : std::uint32_t {
  kNull = 0,
  kEthernet = 1,
  kBareIp12 = 12,
  kBareIp14 = 14,
  kRaw = 101,
  kLoop = 108,
  kCooked = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kCooked2 = 276
};
constexpr std::array kKnown{kNull, kEthernet, kBareIp12, kBareIp14, kRaw, kLoop, kCooked, kIpv4, kIpv6, kCooked2};

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::array<std::uint16_t, 3> kEtherVlan{0x8100, 0x88a8, 0x9100};

/// What follows an EtherType, behind any VLAN tags. Each tag takes four bytes, so the frame's length ends the loop.
base::ByteView behind_ether_type(std::uint16_t ether_type, base::Reader& frame) {
  while (std::ranges::find(kEtherVlan, ether_type) != kEtherVlan.end() && !frame.failed()) {
    (void)frame.u16();  // priority and VLAN
    ether_type = frame.u16();
  }
  if (frame.failed() || (ether_type != kEtherIpv4 && ether_type != kEtherIpv6)) return {};
  return frame.view(frame.remaining());
}

base::ByteView behind(std::size_t header, base::Reader& frame) {
  (void)frame.view(header);
  return frame.failed() ? base::ByteView() : frame.view(frame.remaining());
}

}  // namespace

bool known_link_type(std::uint32_t link_type) {
  return std::ranges::find(kKnown, link_type) != kKnown.end();
}

base::ByteView ip_packet(std::uint32_t link_type, base::ByteView frame) {
  base::Reader reader(frame);
  switch (link_type) {
    case kEthernet:
      (void)reader.view(12);  // two hardware addresses
      return behind_ether_type(reader.u16(), reader);
    case kCooked:
      (void)reader.view(14);  // packet type, device type, address
      return behind_ether_type(reader.u16(), reader);
    case kCooked2: {
      const std::uint16_t ether_type = reader.u16();
      (void)reader.view(18);  // reserved, interface, device type, packet type, address
      return behind_ether_type(ether_type, reader);
    }
    case kNull:
    case kLoop: return behind(4, reader);
    default: return known_link_type(link_type) ? frame : base::ByteView();
  }
}

}  // namespace cli

#include "wire/offer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "wire/box.hpp"
#include "wire/layout.hpp"

namespace wire {

namespace {

using base::MaskedAddress;
using base::PortRange;
using base::Selector;
using base::SelectorEnd;

constexpr BoxErrors kErrors{Error::kOfferLength, Error::kOfferVersion, Error::kOfferIpVersion,
                            Error::kOfferReservedSet};

// Flags of the payload, and of an exemption.
constexpr std::uint8_t kTakesRanges = 1;
constexpr std::uint8_t kHasPorts = 2;
constexpr std::uint8_t kLocalPorts = 1;
constexpr std::uint8_t kRemotePorts = 2;

// In place of a prefix length: address and mask follow whole.
constexpr std::uint8_t kMask = 255;

constexpr std::size_t kCountsLength = 4;          // of either side's ends and of exemptions, and a reserved octet
constexpr std::size_t kExemptionFixedLength = 2;  // protocol and flags
constexpr std::size_t kCountsAt = kHashLength + kBoxFixedLength;

// --- how long it is ---

std::size_t length_of(const MaskedAddress& set) {
  const std::size_t octets = base::octets(set.family());
  const auto prefix = set.prefix();
  return 1 + (prefix ? (prefix->length() + 7) / 8 : 2 * octets);
}

std::size_t length_of(const SelectorEnd& end, bool with_ports) {
  return length_of(end.address) + (with_ports ? kPortsLength : 0);
}

std::size_t length_of(const Selector& line) {
  return kExemptionFixedLength + length_of(line.local) + length_of(line.remote) +
         (line.local_port.is_any() ? 0 : kPortsLength) + (line.remote_port.is_any() ? 0 : kPortsLength);
}

// --- writing ---

void write(const MaskedAddress& set, base::Writer& out) {
  const std::size_t octets = base::octets(set.family());
  const auto prefix = set.prefix();
  out.u8(prefix ? static_cast<std::uint8_t>(prefix->length()) : kMask);
  const std::size_t kept = prefix ? (prefix->length() + 7) / 8 : octets;
  if (kept > 0) out.number(set.address().value() >> (8 * (octets - kept)), kept);
  if (!prefix) out.number(set.mask(), octets);
}

void write(PortRange range, base::Writer& out) {
  out.u16(range.lo);
  out.u16(range.hi);
}

base::Bytes body_of(const base::Offer& offer) {
  base::Writer out;
  out.u8(static_cast<std::uint8_t>(offer.proxy.local.size()));
  out.u8(static_cast<std::uint8_t>(offer.proxy.remote.size()));
  out.u8(static_cast<std::uint8_t>(offer.exempt.size()));
  out.u8(0);  // reserved
  const bool ports = has_ports(offer.proxy);
  for (const auto* ends : {&offer.proxy.local, &offer.proxy.remote}) {
    for (const SelectorEnd& end : *ends) {
      write(end.address, out);
      if (ports) write(end.port, out);
    }
  }
  for (const Selector& line : offer.exempt) {
    const int flags = (line.local_port.is_any() ? 0 : kLocalPorts) | (line.remote_port.is_any() ? 0 : kRemotePorts);
    out.u8(line.protocol ? base::number(*line.protocol) : kAnyProtocol);
    out.u8(static_cast<std::uint8_t>(flags));
    write(line.local, out);
    write(line.remote, out);
    if (!line.local_port.is_any()) write(line.local_port, out);
    if (!line.remote_port.is_any()) write(line.remote_port, out);
  }
  return std::move(out).take();
}

// --- reading ---

// One payload while it is read; the first thing that is wrong ends it.
class OfferReader {
 public:
  OfferReader(const Payload& payload, DecodeError& error)
      : payload_(payload), error_(error), reader_(payload.body.subspan(kCountsAt)) {}

  bool read(const Box& box, base::Offer& offer) {
    family_ = box.family;
    if (box.protocol != kAnyProtocol) offer.proxy.protocol = static_cast<base::Protocol>(box.protocol);
    const std::size_t local = reader_.u8();
    const std::size_t remote = reader_.u8();
    const std::size_t exempt = reader_.u8();
    const std::uint8_t reserved = reader_.u8();
    if (reader_.failed()) return fail(Error::kOfferLength, kPayloadLengthAt);
    if (local == 0 || remote == 0 || local > kMaxOfferEnds || remote > kMaxOfferEnds || exempt > kMaxOfferEnds) {
      return fail(Error::kOfferCount, kPayloadHeaderLength + kCountsAt);
    }
    if (reserved != 0) return fail(Error::kOfferReservedSet, kPayloadHeaderLength + kCountsAt + 3);
    const bool ports = (box.flags & kHasPorts) != 0;
    if (!ends(local, box.protocol, ports, offer.proxy.local)) return false;
    if (!ends(remote, box.protocol, ports, offer.proxy.remote)) return false;
    for (std::size_t i = 0; i < exempt; ++i) {
      if (!exemption(offer.exempt.emplace_back())) return false;
    }
    return reader_.remaining() == 0 || fail(Error::kOfferLength, kPayloadLengthAt);
  }

 private:
  bool fail(Error what, std::size_t position) { return payload_.fail(error_, what, position); }
  [[nodiscard]] std::size_t position() const { return kPayloadHeaderLength + kCountsAt + reader_.offset(); }

  bool ends(std::size_t count, std::uint8_t protocol, bool with_ports, std::vector<SelectorEnd>& out) {
    for (std::size_t i = 0; i < count; ++i) {
      SelectorEnd end;
      if (!address(end.address) || (with_ports && !ports(protocol, end.port))) return false;
      out.push_back(end);
    }
    return true;
  }

  bool exemption(Selector& line) {
    const std::size_t start = position();
    const std::uint8_t protocol = reader_.u8();
    const std::uint8_t flags = reader_.u8();
    if ((flags & ~(kLocalPorts | kRemotePorts)) != 0) return fail(Error::kOfferReservedSet, start + 1);
    if (protocol != kAnyProtocol) line.protocol = static_cast<base::Protocol>(protocol);
    return address(line.local) && address(line.remote) &&
           ((flags & kLocalPorts) == 0 || ports(protocol, line.local_port)) &&
           ((flags & kRemotePorts) == 0 || ports(protocol, line.remote_port));
  }

  bool address(MaskedAddress& set) {
    const std::size_t start = position();
    const unsigned width = base::width(family_);
    const std::size_t octets = base::octets(family_);
    const std::uint8_t length = reader_.u8();
    if (length != kMask && length > width) return fail(Error::kOfferAddress, start);
    const std::size_t kept = length == kMask ? octets : (length + 7U) / 8;
    // Nothing of the address is written for a prefix of no bits, and nothing is shifted by its whole width.
    const base::Address address(family_, kept == 0 ? 0 : reader_.number(kept) << (8 * (octets - kept)));
    const base::Uint128 mask = length == kMask ? reader_.number(octets) : base::prefix_mask(family_, length);
    if (reader_.failed()) return fail(Error::kOfferLength, kPayloadLengthAt);
    if ((address.value() & ~mask) != 0) return fail(Error::kOfferAddress, start);
    set = MaskedAddress(address, mask);
    return true;
  }

  bool ports(std::uint8_t protocol, PortRange& range) {
    const std::size_t start = position();
    range.lo = reader_.u16();
    range.hi = reader_.u16();
    if (reader_.failed()) return fail(Error::kOfferLength, kPayloadLengthAt);
    if (range.is_any()) return true;
    if (range.lo > range.hi || !box_ports_fit(protocol, range)) return fail(Error::kOfferPorts, start);
    return true;
  }

  static bool box_ports_fit(std::uint8_t protocol, PortRange range) {
    const auto named = static_cast<base::Protocol>(protocol);
    return base::has_ports(named) || (base::is_icmp(named) && range.hi <= 255);
  }

  const Payload& payload_;
  DecodeError& error_;
  base::Reader reader_;
  base::Family family_{};
};

// The box's own check of the length is for payloads of one length: this one has any that holds the fixed part.
bool decode_fixed(const Payload& payload, Box& box, DecodeError& error) {
  if (payload.body.size() < kCountsAt) return payload.fail(error, Error::kOfferLength, kPayloadLengthAt);
  return decode_box(payload, kErrors, nullptr, kTakesRanges | kHasPorts, box, error);
}

}  // namespace

std::size_t offer_length(const ListOffer& offer) {
  return kBareVendorLength + kBoxFixedLength + kCountsLength +
         base::OfferRoom{0, length_of, length_of}.taken_by(offer.offer);
}

base::OfferRoom response_room(base::Family family, bool is_signed) {
  const std::size_t others = kHeaderLength + kCapabilitiesLength + id_length(base::Family::kV6, 1) +
                             id_length(family, 2) + proxy_length(family) + kProofLength + kKeyedHashLength;
  const std::size_t header = longer_ip_header(family, base::Family::kV6);
  const std::size_t whole = is_signed ? signed_probe_length(family) - kMaxSignedLength : list_probe_length(family);
  return {whole - others - header - offer_length({}), length_of, length_of};
}

bool decode_offer(const Payload& payload, std::optional<ListOffer>& offer, DecodeError& error) {
  Box box;
  if (!decode_fixed(payload, box, error)) return false;
  ListOffer& found = offer.emplace();
  found.takes_ranges = (box.flags & kTakesRanges) != 0;
  return OfferReader(payload, error).read(box, found.offer);
}

void encode_offer(const ListOffer& offer, ChainWriter& out) {
  const base::SelectorList& proxy = offer.offer.proxy;
  const std::uint8_t protocol = proxy.protocol ? base::number(*proxy.protocol) : kAnyProtocol;
  const int flags = (offer.takes_ranges ? kTakesRanges : 0) | (has_ports(proxy) ? kHasPorts : 0);
  const base::Bytes body = body_of(offer.offer);
  begin_box(kOfferHash, {proxy.family(), protocol, static_cast<std::uint8_t>(flags)}, offer_length(offer), out);
  out.bytes(body);
}

}  // namespace wire

#include "wire/summary.hpp"

#include "wire/box.hpp"
#include "wire/layout.hpp"

namespace wire {

namespace {

constexpr BoxErrors kErrors{Error::kSummaryLength, Error::kSummaryVersion, Error::kSummaryIpVersion,
                            Error::kSummaryReservedSet};
constexpr std::size_t kAddressesAt = kHashLength + kBoxFixedLength;

}  // namespace

bool decode_summary(const Payload& payload, std::optional<base::Flow>& summary, DecodeError& error) {
  Box box;
  if (!decode_box(payload, kErrors, summary_length, kNoFlags, box, error)) return false;
  if (box.protocol == 0) return payload.fail(error, Error::kSummaryProtocol, kBoxProtocolAt);
  base::Reader reader(payload.body.subspan(kAddressesAt));
  const std::size_t width = base::octets(box.family);
  base::Flow& flow = summary.emplace();
  flow.protocol = static_cast<base::Protocol>(box.protocol);
  flow.source = base::Address(box.family, reader.number(width));
  flow.destination = base::Address(box.family, reader.number(width));
  flow.source_port = reader.u16();
  flow.destination_port = reader.u16();
  if (!ports_fit(box.protocol, flow.source_port, flow.destination_port)) {
    return payload.fail(error, Error::kSummaryPorts, summary_length(box.family) - kPortsLength);
  }
  return true;
}

void encode_summary(const base::Flow& flow, ChainWriter& out) {
  const base::Family family = flow.source.family();
  begin_box(kSummaryHash, {family, base::number(flow.protocol)}, summary_length(family), out);
  out.bits(flow.source.value(), family);
  out.bits(flow.destination.value(), family);
  out.u16(flow.source_port);
  out.u16(flow.destination_port);
}

}  // namespace wire

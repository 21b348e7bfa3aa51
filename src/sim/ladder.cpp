#include "sim/ladder.hpp"

#include <utility>
#include <variant>

#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace sim {

void Ladder::add(Rung rung) {
  if (!done_ && rungs_.size() < kMostRungs) rungs_.push_back(std::move(rung));
}

void Ladder::on_datagram(const base::Bytes& packet, Rung rung) {
  if (done_ || !flow_) return;
  const auto datagram = wire::udp_of(packet);
  const auto message = datagram ? wire::decode(datagram->payload)
                                : base::Result<wire::Message, wire::DecodeError>(std::unexpected(wire::DecodeError{}));
  if (!message) return;
  if (const auto* probe = std::get_if<wire::Probe>(&*message)) {
    if (probe->summary != flow_) return;
    cookie_ = probe->initiator_cookie;
    rung.text = "probe";
  } else {
    const auto& response = std::get<wire::Response>(*message);
    if (response.initiator_cookie != cookie_) return;
    rung.text = "response: " + (response.list    ? response.list->offer.proxy.text()
                                : response.proxy ? response.proxy->text()
                                                 : std::string("draft form"));
  }
  add(std::move(rung));
}

}  // namespace sim

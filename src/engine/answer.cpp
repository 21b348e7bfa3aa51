#include "engine/answer.hpp"

#include <string>
#include <utility>

#include "base/offer.hpp"
#include "base/selector_list.hpp"
#include "policy/agree.hpp"
#include "policy/halves.hpp"
#include "wire/offer.hpp"

namespace engine {

namespace {

base::Offer offer_in(const wire::Response& response) {
  if (response.list) return response.list->offer.mirrored();
  return {base::SelectorList::of(response.proxy->mirrored()), {}};
}

// A peer that sends no list does not tell its own.
policy::DataPlane common_plane(policy::DataPlane own, const wire::Response& response) {
  using enum policy::DataPlane;
  if (!response.list) return kMixed;
  return policy::common(own, response.list->takes_ranges ? kUserspace : kKernel);
}

}  // namespace

std::optional<Rejection> fault_of(const wire::Response& response, const base::Address& source, bool takes_draft,
                                  const Context& context) {
  if (source != response.gateway) {
    return Rejection{Counter::kResponsesBadSource, "it does not come from the gateway that it names"};
  }
  if (!context.is_usable_peer(response.gateway)) {
    return Rejection{Counter::kResponsesBadGateway, "the gateway that it names cannot be one"};
  }
  if (!response.proxy && !takes_draft) {
    return Rejection{Counter::kResponsesDraft, "it is in the draft form, which the rule does not take (draft = false)"};
  }
  return std::nullopt;
}

void reject(Context& context, const wire::Response& response, const Rejection& rejection) {
  context.counters.add(Counter::kResponsesRejected);
  context.counters.add(rejection.reason);
  if (!context.wants(ReportId::kResponseRejected)) return;
  context.report(ReportId::kResponseRejected, "a response was rejected: " + std::string(rejection.why), {}, {},
                 response.gateway);
}

Alternate answer_in(const wire::Response& response, policy::DataPlane own) {
  const bool is_coming = response.capabilities && response.capabilities->has(wire::Capabilities::kTunnelComing);
  if (!response.proxy) return {response.gateway, {}, policy::DataPlane::kMixed, {}, is_coming, response.half_proxy};
  const auto candour = response.list ? policy::Candour::kTold : policy::Candour::kAll;
  return {response.gateway, offer_in(response), common_plane(own, response), candour, is_coming, {}};
}

base::Result<base::SelectorList, std::string> agreed_by(const policy::Snapshot& policy, const base::Flow& flow,
                                                        const Alternate& answer) {
  if (answer.half) return policy::merge(policy, flow, *answer.half);
  auto agreed = policy::agree(policy, flow, answer.theirs, answer.plane, answer.candour,
                              wire::response_room(flow.source.family()));
  if (!agreed) return std::unexpected(agreed.error().text());
  return *std::move(agreed);
}

}  // namespace engine

#include "engine/answer.hpp"

#include <string>
#include <utility>

#include "base/offer.hpp"
#include "base/selector_list.hpp"
#include "engine/userspace.hpp"
#include "policy/agree.hpp"
#include "policy/halves.hpp"
#include "policy/region.hpp"
#include "wire/limits.hpp"
#include "wire/offer.hpp"

namespace engine {

namespace {

base::Offer offer_in(const wire::Response& response) {
  if (response.list) return response.list->offer.mirrored();
  return {base::SelectorList::of(response.proxy->mirrored()), {}};
}

std::vector<base::SelectorEnd> ends_of(const base::AddressSet& set, base::Family family) {
  std::vector<base::SelectorEnd> ends;
  for (const base::Prefix& prefix : set.prefixes()) {
    if (prefix.family() == family) ends.push_back({prefix, {}});
  }
  return ends;
}

// What it would have tunnels for behind itself.
std::vector<base::SelectorEnd> claimed_in(const wire::Response& response) {
  if (response.list) return response.list->offer.proxy.local;
  const base::MaskedAddress& address = response.proxy ? response.proxy->local : *response.half_proxy;
  return {{address, base::PortRange::any()}};
}

// A peer that sends no list does not tell its own.
policy::DataPlane common_plane(policy::DataPlane own, const wire::Response& response) {
  using enum policy::DataPlane;
  if (!response.list) return kMixed;
  return policy::common(own, response.list->takes_ranges ? kUserspace : kKernel);
}

// Of strongSwan's two data planes it is the one that takes ranges.
std::string userspace_in(const wire::Response& response, policy::DataPlane own) {
  const bool here = own == policy::DataPlane::kUserspace;
  const bool there = response.list && response.list->takes_ranges;
  if (here && there) return "at both ends";
  return here ? "here" : there ? "at " + response.gateway.text() : "";
}

}  // namespace

std::optional<Rejection> fault_of(const wire::Response& response, const base::Address& source, const Context& context) {
  if (source != response.gateway) {
    return Rejection{Counter::kResponsesBadSource, "it does not come from the gateway that it names"};
  }
  if (!context.is_usable_peer(response.gateway)) {
    return Rejection{Counter::kResponsesBadGateway, "the gateway that it names cannot be one"};
  }
  return std::nullopt;
}

std::optional<Rejection> fault_of(const wire::Response& response, const base::Address& source, bool takes_draft,
                                  const Context& context) {
  if (auto wrong = fault_of(response, source, context)) return wrong;
  if (!response.proxy && !takes_draft) {
    return Rejection{Counter::kResponsesDraft, "it is in the draft form, which the rule does not take (draft = false)"};
  }
  return std::nullopt;
}

// Says nothing of a peer that proves less than it could: whoever sits between the two may have taken the rest away, and
// what is left is enough, or it is not.
std::optional<Rejection> fault_of(const wire::Response& response, const Standing& standing, bool wanted) {
  if (!standing.is_proven()) {
    if (!wanted) return std::nullopt;
    return Rejection{Counter::kResponsesUnproven,
                     "its rule takes authenticated answers only (authenticated = true), and " + standing.fault};
  }
  // A half proxy is merged, and cannot be cut.
  if (!standing.authorisation || (standing.authorisation->narrows && response.proxy)) return std::nullopt;
  for (const base::SelectorEnd& end : claimed_in(response)) {
    if (standing.authorisation->allowed.covers(end.address)) continue;
    return Rejection{Counter::kResponsesUnauthorised,
                     "it offers " + end.address.text() + ", and " + standing.authorisation->limits()};
  }
  return std::nullopt;
}

std::optional<Rejection> fault_of(const wire::Response& response, const wire::UdpDatagram& datagram, Wanted wanted,
                                  Standing& standing, Context& context) {
  if (auto wrong = fault_of(response, datagram.source, wanted.takes_draft, context)) return wrong;
  // It has the cookie of a probe of ours: whoever cannot see that does not come so far.
  standing = context.standing(response.proof_at, datagram.payload, {response.gateway, Sender::Reach::kShown});
  auto wrong = fault_of(response, standing, wanted.proof);
  if (wrong && !standing.is_proven()) context.counters.add(standing.reason);
  return wrong;
}

void reject(Context& context, const wire::Response& response, const Rejection& rejection) {
  context.counters.add(Counter::kResponsesRejected);
  context.counters.add(rejection.reason);
  if (!context.wants(ReportId::kResponseRejected)) return;
  context.report(ReportId::kResponseRejected, "a response was rejected: " + rejection.why, {}, {}, response.gateway);
}

Alternate answer_in(const wire::Response& response, const Standing& standing, const Context& context) {
  const bool observes = response.has(wire::Capabilities::kObserves);
  const bool is_coming = response.has(wire::Capabilities::kTunnelComing);
  std::string userspace = userspace_in(response, context.settings.data_plane);
  if (!response.proxy) {
    return {.peer = response.gateway,
            .theirs = {},
            .plane = policy::DataPlane::kMixed,
            .is_coming = is_coming,
            .half = response.half_proxy,
            .userspace = std::move(userspace)};
  }
  const auto candour = response.list ? policy::Candour::kTold : policy::Candour::kAll;
  base::Offer theirs = offer_in(response);
  if (standing.authorisation && standing.authorisation->narrows) {
    auto cut = policy::intersect(theirs.proxy.remote, ends_of(standing.authorisation->allowed, theirs.proxy.family()));
    // Nothing left of it, or too much: it is as good as an offer of other traffic, which the agreement says.
    if (cut.empty() || cut.size() > wire::kMaxOfferEnds) cut = {{base::Prefix(response.gateway), {}}};
    theirs.proxy.remote = std::move(cut);
  }
  return {.peer = response.gateway,
          .theirs = std::move(theirs),
          .plane = common_plane(context.settings.data_plane, response),
          .candour = candour,
          .is_coming = is_coming,
          .is_signed = standing.proven.signature,
          .observes = observes,
          .half = {},
          .userspace = std::move(userspace)};
}

base::Result<base::SelectorList, std::string> agreed_by(const policy::Snapshot& policy, const base::Flow& flow,
                                                        const Alternate& answer) {
  if (answer.half) return policy::merge(policy, flow, *answer.half);
  auto agreed = policy::agree(policy, flow, answer.theirs, answer.plane, answer.candour,
                              wire::response_room(flow.source.family(), answer.is_signed));
  if (!agreed) return std::unexpected(agreed.error().text());
  if (!answer.userspace.empty()) {
    for (const base::Selector& box : agreed->boxes()) {
      if (auto unseen = unseen_ports(box, answer.userspace)) return std::unexpected(*std::move(unseen));
    }
  }
  return *std::move(agreed);
}

}  // namespace engine

#include "platform/vici/config.hpp"

#include <algorithm>
#include <utility>

#include "platform/vici/tunnel.hpp"

namespace vici {
namespace {

// A dead peer is noticed within this plus charon's retransmits; what it covered is then discovered anew.
constexpr std::string_view kDeadPeerDelay = "10s";

void add_unique(std::vector<std::string>& list, std::string text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

Message child_section(const Child& child, const std::vector<std::string>& esp) {
  Message section;
  section.add("mode", "tunnel");
  section.add_list("local_ts", child.local_ts);
  section.add_list("remote_ts", child.remote_ts);
  if (!esp.empty()) section.add_list("esp_proposals", esp);
  // Charon starts, keeps and restarts nothing by itself: what has no tunnel is discovered by its next packet.
  section.add("start_action", "none");
  section.add("close_action", "none");
  section.add("dpd_action", "clear");
  return section;
}

Message local_end(const Certificates& certificates) {
  Message end;
  end.add("auth", "pubkey").add("id", certificates.local_id).add_list("certs", {certificates.own});
  return end;
}

Message remote_end(const Certificates& certificates) {
  Message end;
  end.add("auth", "pubkey").add("id", "%any").add_list("cacerts", certificates.authorities);
  return end;
}

/// What both connections have in common. `unique = never`: INITIAL_CONTACT would let a peer that lost its state replace
/// what it left, but charon then drops the older IKE_SA without a word to the peer, and when two living gateways start
/// towards each other at once that older one is the peer's good one (tried: its traffic is lost until dead peer
/// detection acts). So every IKE_SA stays; one that a crash left is for the caller to terminate, or for dead peer
/// detection.
Message connection_section(List local, List remote, std::string remote_id, const Proposals& proposals,
                           const CertificatesPtr& certificates) {
  Message section;
  section.add("version", "2");
  section.add_list("local_addrs", std::move(local));
  section.add_list("remote_addrs", std::move(remote));
  if (!proposals.ike.empty()) section.add_list("proposals", proposals.ike);
  section.add("mobike", "no");
  section.add("unique", "never");
  section.add("dpd_delay", std::string(kDeadPeerDelay));
  if (certificates) {
    // Not only when it is asked for: who asks names authorities, and may leave out ours.
    section.add("send_cert", "always");
    section.add_section("local", local_end(*certificates));
    section.add_section("remote", remote_end(*certificates));
    return section;
  }
  // Without an id each end is known by its address, which is what a discovery response names.
  section.add_section("local", Message().add("auth", "psk"));
  section.add_section("remote", Message().add("auth", "psk").add("id", std::move(remote_id)));
  return section;
}

}  // namespace

Result<Child> child_of(std::string name, std::span<const base::Selector> selectors) {
  Child child{std::move(name), {}, {}};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const base::Selector& selector : selectors) {
    TED_TRY(TrafficSelectors ends, to_ts(selector));
    add_unique(child.local_ts, ends.local);
    add_unique(child.remote_ts, ends.remote);
    pairs.emplace_back(std::move(ends.local), std::move(ends.remote));
  }
  std::ranges::sort(pairs);
  const auto repeated = std::ranges::unique(pairs);
  pairs.erase(repeated.begin(), repeated.end());
  if (pairs.empty() || pairs.size() != child.local_ts.size() * child.remote_ts.size()) {
    return std::unexpected(Error{ErrorCode::kSelectorNotProduct, child.name, 0});
  }
  return child;
}

std::string connection_name(const base::Address& peer) {
  return std::string(kOwnPrefix) + peer.text();
}

Message responder_connection(const ResponderConfig& config) {
  List local;
  for (const base::Address& address : config.local_addresses) local.push_back(address.text());
  Message section = connection_section(std::move(local), {"%any"}, "%any", config.proposals, config.certificates);
  Message children;
  for (const Child& child : config.children) {
    children.add_section(child.name, child_section(child, config.proposals.esp));
  }
  section.add_section("children", std::move(children));
  return Message().add_section(std::string(kResponderName), std::move(section));
}

Message initiator_connection(const Initiation& initiation, std::span<const Child> also) {
  const std::string peer = initiation.peer.text();
  Message section =
      connection_section({initiation.local.text()}, {peer}, peer, initiation.proposals, initiation.certificates);
  Message children;
  for (const Child& child : also) {
    if (child.name == initiation.name) continue;
    children.add_section(child.name, child_section(child, initiation.proposals.esp));
  }
  // Last, because between children that fit a request equally well charon takes the first: a request that is wider than
  // ours must not be narrowed to ours.
  children.add_section(initiation.name, child_section({initiation.name, initiation.local_ts, initiation.remote_ts},
                                                      initiation.proposals.esp));
  section.add_section("children", std::move(children));
  return Message().add_section(connection_name(initiation.peer), std::move(section));
}

}  // namespace vici

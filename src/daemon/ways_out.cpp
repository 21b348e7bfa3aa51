#include "daemon/ways_out.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tedd {

namespace {

constexpr std::string_view kIkeUnanswered =
    "IKE is not answered: UDP ports 500 and 4500 must pass between the two gateways in both directions, and no address "
    "translation may stand between them";
constexpr std::string_view kProofs =
    "this rule wants gateways that prove who they are, and so may the other one: it lets a probe travel on whose proof "
    "it does not believe. Its log says so under TED-PROBE-PASSED-ON, its counters under proofs_...: the key_file of "
    "[discovery] must be the same at both, certificates of a CA that the other trusts, and clocks within 60 seconds";

/// What a failure's words have in them, and the way out. The first that fits is taken.
struct WayOut {
  std::string_view words;
  std::string_view advice;
};
constexpr std::array<WayOut, 14> kWaysOut = {{
    {"own certificate",
     "give this gateway a certificate whose address blocks have what it protects, and reload: the other one lets it "
     "speak for them only; 'tedctl pki show FILE' says what a certificate has"},
    {"address block constraint",
     "strongSwan lets a peer speak for the address blocks of its certificate only, whatever a [[peer]] here says: give "
     "the peer a certificate whose blocks have what it protects; 'tedctl pki show FILE' says what a certificate has"},
    {"may speak for",
     "give the peer a certificate whose address blocks have what it protects; one without blocks speaks for what a "
     "[[peer]] here gives it, and where both are, both have to have it; 'tedctl pki show FILE' says what a certificate "
     "has"},
    {"does not come from the gateway that it names",
     "the gateway's own address is translated on the way (NAT): 'addresses' there must name the address that it sends "
     "from as this end sees it, and no address translation may stand between the two"},
    {"the gateway that it names cannot be one",
     "'addresses' of the gateway that answers must be one that this end can send to, and none of this end's own"},
    {"which the rule does not take (draft = false)",
     "the gateway that answers knows versions 1 and 2 only: give the rule draft = true, or that gateway a newer TED"},
    {"authenticated answers only", kProofs},
    {"auth_failed",
     "the two ends do not prove who they are: compare the psk_file of both, byte for byte; with "
     "certificates each must be valid today, not revoked, and of an authority in the other's 'ca'"},
    {"ts_unacceptable",
     "the other gateway's strongSwan does not take these selectors: its policy changed after it answered, or another "
     "of its connections is taken for the request ('swanctl --list-conns' there); 'tedctl why' there, with source and "
     "destination exchanged, says what it protects"},
    {"no_proposal",
     "the ends have no algorithms in common: compare 'ike' and 'esp' in [ike] of both; when they are the same, the "
     "kernel of the other gateway has no ESP, of which its strongSwan's log says 'Function not implemented'"},
    {"peer_unreachable", kIkeUnanswered},
    {"timeout", kIkeUnanswered},
    {"narrowed",
     "the other gateway's strongSwan took less than was agreed: another connection there is taken for the request "
     "('swanctl --list-conns')"},
    {"no result in time", "strongSwan neither succeeded nor failed: look at its log on both gateways"},
}};

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

/// A flow and its probe, in the words of advice.
struct Words {
  std::string there;  ///< on the other gateway
  std::string probe;  ///< what must pass
  std::string host;

  explicit Words(const base::Flow& flow)
      : there("on the gateway in front of " + flow.destination.text() + " run: tedctl why '" + flow.mirrored().text() +
              "'"),
        probe("UDP port 500 from " + flow.source.text() + " to " + flow.destination.text()),
        host(flow.destination.text()) {}
};

// Nobody says no: nothing came back, and what became of the probe is known at the other end alone.
std::vector<std::string> after_silence(const Words& words) {
  return {words.there + ". It says whether this probe came, and why it was not answered",
          "when it says that no probe came, the probe was lost: each firewall on the path, and that of the gateway, "
          "must let " +
              words.probe + " through, and 'interfaces' there must have the interface where it comes in",
          "when there is no gateway with OpenTED, nobody can protect the flow there: set one up, or exempt " +
              words.host + " here (action = \"bypass\")"};
}

std::vector<std::string> after_whole_path(const Words& words) {
  return {words.there +
              ". It says why it let this probe travel on: no rule of its own for the flow, addresses that are "
              "translated on the way, or a proof that it does not believe",
          "when it says that no probe came, 'interfaces' there must have the interface where it comes in; no firewall "
          "on the path stopped it",
          "when there is no gateway with OpenTED, nobody can protect the flow there: set one up, or exempt " +
              words.host + " here (action = \"bypass\")"};
}

std::vector<std::string> after_refusal(const Words& words) {
  return {"the firewall of whoever refuses it must let " + words.probe + " through; IKE and ESP between the gateways " +
              "need UDP ports 500 and 4500 besides",
          words.there + ". It says whether another probe came"};
}

std::vector<std::string> after_no_way(const Words& words) {
  return {
      "whoever says so has no route to " + words.host + ", or no answer from it: mend that route, or start that host",
      words.there + ". It says whether the probe came"};
}

}  // namespace

bool is_unanswered(const std::string& reason) {
  return has(reason, "no gateway answered");
}

std::vector<std::string> ways_out(const std::string& reason, const base::Flow& flow) {
  const auto* const known = std::ranges::find_if(kWaysOut, [&](const WayOut& one) { return has(reason, one.words); });
  if (known != kWaysOut.end()) return {std::string(known->advice)};
  if (has(reason, "is not believed")) return {std::string(kProofs)};
  if (is_unanswered(reason)) {
    const Words words(flow);
    if (has(reason, "went the whole path")) return after_whole_path(words);
    if (has(reason, "refuses the probe")) return after_refusal(words);
    if (has(reason, "has no way to")) return after_no_way(words);
    return after_silence(words);
  }
  return {
      "change what is named above in the policy of this gateway or of the other one; 'tedctl explain --config HERE "
      "--peer THERE' tries it offline"};
}

std::string way_out(const engine::UnansweredProbe& probe) {
  using engine::Ruling;
  const std::string flow = "'" + probe.flow.mirrored().text() + "'";
  switch (probe.ruling) {
    case Ruling::kDraft:
    case Ruling::kUndecided:
      return "it comes from a gateway that knows versions 1 and 2 only: a rule here that protects " + flow +
             " with draft = true and all protocols and ports answers it, or a newer TED there";
    case Ruling::kMismatched:
      return "on the router that translates addresses between the two gateways exempt what goes from " +
             probe.flow.source.text() + " to " + probe.flow.destination.text() +
             " from NAT (masquerade, snat, dnat), both ways";
    case Ruling::kOwn: return "'addresses' of the two gateways must differ: each has the address that it sends from";
    case Ruling::kNotOurs:
      return "where this gateway shall protect it, change that rule, or add one here that protects " + flow +
             "; else the other gateway's rule asks for more than is protected here";
    case Ruling::kObserving: return "mode = \"protect\" in [gateway] here, and a restart";
    case Ruling::kNotAsker: return "add " + probe.gateway.text() + " to 'askers' of the rule here";
    case Ruling::kBadGateway:
      return "'addresses' of the gateway that asks must name one that this end can send to, not " +
             probe.gateway.text();
    case Ruling::kReplayed: return "nothing needs to be done: the original was judged";
    case Ruling::kUnauthorised:
      return "give the gateway that asks a certificate whose address blocks have " + probe.flow.source.text() +
             ", or name it in a [[peer]] here with that prefix";
    case Ruling::kUnheard:
    case Ruling::kTooMany:
    case Ruling::kComing:
      return "it is answered when it asks again; when that goes on, look who floods: tedctl counters";
    case Ruling::kUnproven:
      return "the key_file of [discovery] must be the same at both gateways, certificates of a CA that the other "
             "trusts, and clocks within 60 seconds";
    case Ruling::kNoGatewayAddress:
      return "add an address of the family of " + probe.gateway.text() + " to 'addresses' of [gateway] here";
    case Ruling::kTooShort: return "the gateway that asks must pad its probes: a newer TED there";
    case Ruling::kAnswered: break;
  }
  return "";
}

std::string ways_of_ike() {
  return std::string(kIkeUnanswered);
}
std::string ways_of_proofs() {
  return std::string(kProofs);
}

}  // namespace tedd

// A response as both kinds of probe take it: those of a discovery, and those that check the path of a tunnel.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/selector_list.hpp"
#include "engine/context.hpp"
#include "engine/counters.hpp"
#include "engine/discovery.hpp"
#include "policy/agree.hpp"
#include "policy/carve.hpp"
#include "wire/message.hpp"
#include "wire/packet.hpp"

namespace engine {

/// Why a response is not believed.
struct Rejection {
  Counter reason{};
  std::string why;  ///< for people
};

/// What is wrong with any message of another gateway that came from `source`: it must come from the gateway that it
/// names, which can be a peer.
[[nodiscard]] std::optional<Rejection> fault_of(const wire::Response& response, const base::Address& source,
                                                const Context& context);

/// What is wrong with a response that came from `source`, whatever it answers: it must come from the gateway that it
/// names, which can be a peer, and have proxies of version 3 unless it is for a rule that takes the draft form. That
/// its cookie is a recent one of ours, and for what, is the caller's to see.
[[nodiscard]] std::optional<Rejection> fault_of(const wire::Response& response, const base::Address& source,
                                                bool takes_draft, const Context& context);

/// What its rule asks of a response.
struct Wanted {
  bool takes_draft = false;
  bool proof = false;
};

/// Both of these in turn, what is cheaper first; what it proves is in `standing`, and why nothing is counted where that
/// was wanted.
[[nodiscard]] std::optional<Rejection> fault_of(const wire::Response& response, const wire::UdpDatagram& datagram,
                                                Wanted wanted, Standing& standing, Context& context);

/// Counts it and tells.
void reject(Context& context, const wire::Response& response, const Rejection& rejection);

/// Why what it proves is not enough: `wanted`: its rule takes authenticated answers alone.
[[nodiscard]] std::optional<Rejection> fault_of(const wire::Response& response, const Standing& standing, bool wanted);

/// What the response offers, written from our side, and what both data planes take to the letter.
/// `standing` is what it proved; where a peer that claims more than it may is narrowed, the offer is cut to that.
[[nodiscard]] Alternate answer_in(const wire::Response& response, const Standing& standing, const Context& context);

/// What a tunnel for the flow would carry by that answer, or why there can be none, for people: the policies do not
/// meet, or what they have in common is nothing that the data planes can tell from other traffic.
[[nodiscard]] base::Result<base::SelectorList, std::string> agreed_by(const policy::Snapshot& policy,
                                                                      const base::Flow& flow, const Alternate& answer);

}  // namespace engine

// A plan as chains and maps of the guard: how a large policy is asked.
#pragma once

#include "base/result.hpp"
#include "platform/nft/client.hpp"
#include "platform/nft/edition.hpp"
#include "policy/guard_plan.hpp"

namespace nft {

/// Puts both families' steps, in both directions and for what ICMP errors quote, into the table as chains and maps of
/// that edition (`to4_7.3`, `from6_2.3`, `quoted4_1.3`), and the way to them into `leaving`, `arriving` and
/// `quoted_exactly`, in as many transactions as there are Batches to fill. guard_ruleset()
/// with a plan has made what they lead to. Nothing is in force until the edition is. What passes is accepted. Lines
/// carry no counter and no comment; what is dropped is counted in `blocked`, `refused` and `told`. Packets must be
/// whole: fragments behind the first match no ports.
///
/// A step of few branches compares; one of more asks a map. Where nothing but an outcome follows, the map holds every
/// value of its field, and a packet that it does not find all the same is dropped and counted in `missed`. Where more
/// steps follow, what it does not find goes on to them. Large maps are part of the rule that asks them, without names.
[[nodiscard]] base::Result<void, Error> add_plan(Client& client, const policy::GuardPlan& plan, Edition edition);

}  // namespace nft

// The draft form of discovery, TED versions 1 and 2: each end tells only its own half of a proxy, and the initiator
// merges the two (docs/protocol.md section 7). Here is what is sound of that at either end.
#pragma once

#include <optional>
#include <string>

#include "base/flow.hpp"
#include "base/masked_address.hpp"
#include "base/result.hpp"
#include "base/selector_list.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// The initiator's own side of what it would merge: the largest single box around the flow. Its local part is the half
/// that a probe tells. `match` is the flow's first match.
[[nodiscard]] base::Selector own_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow);

/// The responder's half: the largest prefix around `flow.source` of which the rule protects every flow to `theirs`, the
/// asker's half, in whatever protocol, so that the merged proxies will do. Nothing when there is none: an earlier line
/// takes something of this address towards `theirs`, the rule names a protocol, or `theirs` reaches beyond it. `match`
/// is the first match of `flow`, which is any between the two hosts: they are all that a probe of this form tells.
[[nodiscard]] std::optional<base::MaskedAddress> responder_half(const Snapshot& snapshot, const Match& match,
                                                                const base::Flow& flow,
                                                                const base::MaskedAddress& theirs);

/// The merged proxies: the local part of own_box() times `theirs`, the responder's half. The form has no protocol and
/// ports: they are those of this end's rule, or of own_box() where an earlier line takes some. `theirs` is from
/// anybody. Why not, for people, when the flow is not in it, no data plane takes it to the letter, or the flow's rule
/// does not decide about all of it: no address is cut then, since the responder has been told that half. Not known
/// here: whether it protects all of that.
[[nodiscard]] base::Result<base::SelectorList, std::string> merge(const Snapshot& snapshot, const base::Flow& flow,
                                                                  const base::MaskedAddress& theirs);

}  // namespace policy

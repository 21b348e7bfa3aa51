// What to do about a flow that no tunnel carries, as far as is known why: the advice of `tedctl why`.
#pragma once

#include <string>
#include <vector>

#include "base/flow.hpp"
#include "engine/unanswered.hpp"

namespace tedd {

/// Strings of engine and strongSwan are told apart by their words: of those that people read there is one form only.
[[nodiscard]] bool is_unanswered(const std::string& reason);

/// After a discovery for `flow` that failed for that reason: what to do in turn, a sentence each, at least one.
[[nodiscard]] std::vector<std::string> ways_out(const std::string& reason, const base::Flow& flow);

/// For another gateway's probe that was not answered here.
[[nodiscard]] std::string way_out(const engine::UnansweredProbe& probe);

/// What lets IKE through, and what lets proofs be believed.
[[nodiscard]] std::string ways_of_ike();
[[nodiscard]] std::string ways_of_proofs();

}  // namespace tedd

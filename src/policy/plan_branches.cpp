#include "policy/plan_branches.hpp"

namespace policy {

namespace {

/// Appends a branch; neighbours that lead to the same are one, and what leads where no branch does is none.
void append(std::vector<Plan::Branch>& branches, const Plan::Branch& branch, Plan::Target otherwise) {
  if (branch.target == otherwise) return;
  if (!branches.empty() && branches.back().target == branch.target && branches.back().last + 1 == branch.first) {
    branches.back().last = branch.last;
  } else {
    branches.push_back(branch);
  }
}

}  // namespace

std::vector<Plan::Branch> narrowest(const std::vector<Placed>& ranges, Plan::Target otherwise) {
  std::vector<Plan::Branch> branches;
  std::vector<const Placed*> open;
  Plan::Word at = 0;
  bool ended = false;  // the last address of all is behind us
  const auto up_to = [&](Plan::Word last, Plan::Target target) {
    if (ended || at > last) return;
    append(branches, {at, last, target}, otherwise);
    at = last + 1;
    ended = at == 0;
  };
  for (const Placed& range : ranges) {
    for (; !open.empty() && open.back()->last < range.first; open.pop_back())
      up_to(open.back()->last, open.back()->target);
    if (!open.empty() && at < range.first) up_to(range.first - 1, open.back()->target);
    at = range.first;
    open.push_back(&range);
  }
  for (; !open.empty(); open.pop_back()) up_to(open.back()->last, open.back()->target);
  return branches;
}

}  // namespace policy

#include "policy/plan.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace policy {

namespace {

auto as_tuple(const Plan::Line& line) {
  return std::tuple(line.local, line.local_mask, line.remote, line.remote_mask, line.local_port.lo, line.local_port.hi,
                    line.remote_port.lo, line.remote_port.hi, line.rule, line.protocol, line.protocol_mask);
}

class Hash {
 public:
  void mix(Plan::Word word) {
    for (const auto half : {static_cast<std::uint64_t>(word >> 64), static_cast<std::uint64_t>(word)}) {
      value_ = (value_ ^ half) * 0x9e3779b97f4a7c15U;
      value_ ^= value_ >> 29;
    }
  }
  void mix(Plan::Target target) { mix(static_cast<Plan::Word>(target.index) << 1 | (target.is_step ? 1 : 0)); }
  [[nodiscard]] std::size_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xd1b54a32d192ed03;
};

std::size_t hash_of(const Plan::Step& step) {
  Hash hash;
  for (const Plan::Line& line : step.lines) {
    std::apply([&hash](auto... part) { (hash.mix(static_cast<Plan::Word>(part)), ...); }, as_tuple(line));
  }
  for (const Plan::Branch& branch : step.branches) {
    hash.mix(branch.first);
    hash.mix(branch.last);
    hash.mix(branch.target);
  }
  hash.mix(step.next);
  hash.mix(static_cast<Plan::Word>(step.field));
  return hash.value();
}

Plan::Word value_of(const Key<Plan::Word>& key, Plan::Field field) {
  switch (field) {
    case Plan::Field::kLocal: return key.from;
    case Plan::Field::kRemote: return key.to;
    case Plan::Field::kProtocol: return key.protocol;
    case Plan::Field::kLocalPort: return key.from_port;
    case Plan::Field::kRemotePort: return key.to_port;
  }
  return 0;
}

}  // namespace

bool Plan::Step::operator==(const Step& other) const {
  return field == other.field && next == other.next && branches == other.branches &&
         std::ranges::equal(lines, other.lines, {}, as_tuple, as_tuple);
}

Plan::Target Plan::add(Step step) {
  if (step.lines.empty() && step.branches.empty()) return step.next;
  const std::size_t hash = hash_of(step);
  const auto [begin, end] = by_hash_.equal_range(hash);
  const auto known = std::find_if(begin, end, [&](const auto& entry) { return steps_[entry.second] == step; });
  if (known != end) return {true, known->second};
  const auto index = static_cast<std::uint32_t>(steps_.size());
  std::size_t below = depth_of(step.next);
  for (const Branch& branch : step.branches) below = std::max(below, depth_of(branch.target));
  depths_.push_back(below + 1);
  steps_.push_back(std::move(step));
  by_hash_.emplace(hash, index);
  return {true, index};
}

std::size_t Plan::entries() const {
  return std::accumulate(steps_.begin(), steps_.end(), std::size_t{0}, [](std::size_t sum, const Step& step) {
    return sum + step.lines.size() + step.branches.size();
  });
}

Outcome Plan::outcome(const base::Flow& flow, Cost& cost) const {
  const auto key = to_key<Word>(flow);
  std::vector<Target> behind;  // where to go on with what a branch leaves undecided
  Target at = root_;
  for (;;) {
    if (!at.is_step) {
      if (at.index != kUndecided) return at.index;
      if (behind.empty()) return kPass;
      at = behind.back();
      behind.pop_back();
      continue;
    }
    const Step& step = steps_[at.index];
    const auto hit = std::ranges::find_if(step.lines, [&](const Line& line) { return line.contains(key); });
    cost.lines += static_cast<std::size_t>(hit - step.lines.begin()) + (hit == step.lines.end() ? 0 : 1);
    if (hit != step.lines.end()) return hit->rule;
    at = step.next;
    if (step.branches.empty()) continue;
    ++cost.branches;
    const Word value = value_of(key, step.field);
    const auto branch = std::ranges::lower_bound(step.branches, value, {}, &Branch::last);
    if (branch == step.branches.end() || branch->first > value) continue;
    behind.push_back(step.next);
    at = branch->target;
  }
}

}  // namespace policy

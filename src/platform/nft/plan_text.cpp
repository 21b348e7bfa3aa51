#include "platform/nft/plan_text.hpp"

#include <utility>

namespace nft {
namespace {

using base::Family;
using policy::Plan;

constexpr Plan::Target kBack{false, policy::kUndecided};

/// The words of one family's plan in one direction.
class Words {
 public:
  Words(Family family, Direction direction) : family_(family), outbound_(direction == Direction::kOutbound) {
    prefix_ = std::string(outbound_ ? "to" : "from") + (family == Family::kV4 ? "4_" : "6_");
  }

  [[nodiscard]] std::string chain(std::uint32_t step) const { return prefix_ + std::to_string(step); }

  [[nodiscard]] std::string verdict(Plan::Target target) const {
    if (target.is_step) return "goto " + chain(target.index);
    return verdict(target.index);
  }
  [[nodiscard]] std::string verdict(policy::Outcome outcome) const {
    if (outcome >= policy::kFirstOpening) {
      return "goto open_" + std::to_string(outcome - policy::kFirstOpening) + (outbound_ ? "_to" : "_from");
    }
    if (outcome == policy::kPass) return "accept";
    if (!outbound_) return "goto refused";
    return outcome == policy::kCaught ? "goto catch" : "goto blocked";
  }

  /// What a packet's field is called.
  [[nodiscard]] std::string field(Plan::Field field) const {
    const std::string address = family_ == Family::kV4 ? "ip " : "ip6 ";
    switch (field) {
      case Plan::Field::kLocal: return address + (outbound_ ? "saddr" : "daddr");
      case Plan::Field::kRemote: return address + (outbound_ ? "daddr" : "saddr");
      case Plan::Field::kProtocol: return "meta l4proto";
      case Plan::Field::kLocalPort: return outbound_ ? "th sport" : "th dport";
      case Plan::Field::kRemotePort: return outbound_ ? "th dport" : "th sport";
    }
    return {};
  }
  [[nodiscard]] std::string value(Plan::Field field, Plan::Word value) const {
    const bool address = field == Plan::Field::kLocal || field == Plan::Field::kRemote;
    return address ? base::Address(family_, value).text() : std::to_string(static_cast<std::uint32_t>(value));
  }

  [[nodiscard]] base::Selector selector(const Plan::Line& line) const {
    base::Selector box = policy::to_line(line);
    box.local = {base::Address(family_, line.local), line.local_mask};
    box.remote = {base::Address(family_, line.remote), line.remote_mask};
    return box;
  }

 private:
  Family family_;
  bool outbound_;
  std::string prefix_;
};

std::string branches_text(const Words& words, const Plan::Step& step) {
  std::string text = words.field(step.field) + " vmap { ";
  for (const Plan::Branch& branch : step.branches) {
    if (&branch != &step.branches.front()) text += ", ";
    text += words.value(step.field, branch.first);
    if (branch.first != branch.last) text += "-" + words.value(step.field, branch.last);
    text += " : " + (branch.target.is_step ? "jump " + words.chain(branch.target.index) : words.verdict(branch.target));
  }
  return text + " }";
}

void write_steps(Text& text, const Plan& plan, Direction direction) {
  const Words words(plan.family(), direction);
  for (std::uint32_t i = 0; i < plan.steps().size(); ++i) {
    const Plan::Step& step = plan.steps()[i];
    text.open("chain " + words.chain(i));
    for (const Plan::Line& line : step.lines) {
      const auto match = match_within(plan.family(), box_of(words.selector(line)), direction);
      if (match) text.line(*match + words.verdict(line.rule));
    }
    if (!step.branches.empty()) text.line(branches_text(words, step));
    if (step.next != kBack) text.line(words.verdict(step.next));
    text.close();
  }
}

}  // namespace

void write_plan(Text& text, const policy::GuardPlan& plan, Direction direction, const std::string& entry) {
  const bool outbound = direction == Direction::kOutbound;
  text.open(outbound ? "chain blocked" : "chain refused");
  text.line(outbound ? "counter drop comment \"blocked, or protected without discovery\""
                     : "counter drop comment \"blocked, or protected and came in the clear\"");
  text.close();
  for (const Plan* family : {&plan.v4, &plan.v6}) write_steps(text, *family, direction);
  text.open("chain " + entry);
  text.line("jump " + std::string(kHold));
  for (const Plan* family : {&plan.v4, &plan.v6}) {
    const std::string match = family->family() == Family::kV4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
    text.line(match + Words(family->family(), direction).verdict(family->root()));
  }
  text.close();
}

}  // namespace nft

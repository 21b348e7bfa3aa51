#include "platform/nft/plan_chains.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/nft/match.hpp"
#include "platform/nft/quoted_match.hpp"
#include "platform/nft/rule_message.hpp"

namespace nft {
namespace {

using base::Family;
using base::PortRange;
using policy::Plan;

constexpr Plan::Target kBack{false, policy::kUndecided};
/// So many are compared as fast as a map is asked, and the kernel looks for each map's name among all others.
constexpr std::size_t kFewBranches = 8;
/// Maps of so many branches have no name: of these the kernel takes verdicts that follow one another without their
/// ends, half as many elements. To find them a name it looks at all maps that there are, so small ones have one of
/// ours; and so have such as may not fit one transaction, as a map without a name must.
constexpr std::size_t kFewestNameless = 256;
constexpr std::size_t kMostNameless = 250'000;
constexpr std::uint32_t kMaxIcmpValue = 255;  // type and code are one byte each

/// nft's numbers for what a map is asked with.
std::uint32_t key_type(Plan::Field field, Family family) {
  switch (field) {
    case Plan::Field::kLocal:
    case Plan::Field::kRemote: return family == Family::kV4 ? 7 : 8;
    case Plan::Field::kProtocol: return 12;
    case Plan::Field::kLocalPort:
    case Plan::Field::kRemotePort: return 13;
  }
  return 0;
}

bool is_nameless(const Plan::Step& step) {
  return step.branches.size() >= kFewestNameless && step.branches.size() <= kMostNameless;
}

/// A plan's map as elements, in order. Holes are what comes after the step, or nothing.
class Elements {
 public:
  Elements(Plan::Word greatest, const Plan::Step& step) : greatest_(greatest), ends_all_(!is_nameless(step)) {
    list_.reserve(4 * step.branches.size() + 2);
  }

  void add(Plan::Word first, Plan::Word last, const Verdict& verdict) {
    if (!ends_all_ && !list_.empty() && list_.back().from == first) list_.pop_back();
    list_.push_back({first, verdict});
    if (last != greatest_) list_.push_back({last + 1, std::nullopt});
  }
  [[nodiscard]] std::span<const Element> list() const { return list_; }

 private:
  Plan::Word greatest_;
  bool ends_all_;
  std::vector<Element> list_;
};

Elements elements_of(const Plan::Step& step, Plan::Word greatest, const std::optional<Verdict>& hole, auto verdict_of) {
  Elements elements(greatest, step);
  Plan::Word at = 0;
  bool ended = false;  // the greatest value is behind us
  for (const Plan::Branch& branch : step.branches) {
    if (hole && branch.first > at) elements.add(at, branch.first - 1, *hole);
    elements.add(branch.first, branch.last, verdict_of(branch.target));
    ended = branch.last == greatest;
    at = branch.last + 1;
  }
  if (hole && !ended) elements.add(at, greatest, *hole);
  return elements;
}

/// Batches one after another: nothing of a plan need become true at one moment.
class Stream {
 public:
  explicit Stream(Client& client) : client_(client) {}

  [[nodiscard]] Batch& batch() { return batch_; }
  [[nodiscard]] base::Result<void, Error> send_when_full() {
    return batch_.full() ? send() : base::Result<void, Error>();
  }
  [[nodiscard]] base::Result<void, Error> send() { return client_.run(std::exchange(batch_, {})); }

 private:
  Client& client_;
  Batch batch_;
};

/// What the chains of a direction are called: of its steps, the way in, what drops, and what opens.
struct Names {
  std::string_view steps;
  std::string_view entry;
  std::string_view dropped;
  std::string_view opening;
};
Names names_of(Direction direction) {
  switch (direction) {
    case Direction::kOutbound: return {"to", "leaving", "blocked", "_to"};
    case Direction::kInbound: return {"from", "arriving", "refused", "_from"};
    case Direction::kQuoted: break;
  }
  return {"quoted", "quoted_exactly", "told", "_quoted"};
}

/// One family's plan in one direction.
class Writer {
 public:
  Writer(Stream& stream, const Plan& plan, Direction direction, Edition edition)
      : stream_(stream),
        batch_(stream.batch()),
        plan_(plan),
        outbound_(direction == Direction::kOutbound),
        quoted_(direction == Direction::kQuoted),
        known_(names_of(direction)),
        prefix_(std::string(known_.steps) + (plan.family() == Family::kV4 ? "4_" : "6_")),
        edition_(edition) {
    for (std::uint32_t i = 0; i < plan.steps().size(); ++i) names_.push_back(name(prefix_ + std::to_string(i)));
  }

  [[nodiscard]] base::Result<void, Error> write() {
    for (std::uint32_t i = 0; i < plan_.steps().size(); ++i) {
      if (auto done = write_step(i); !done) return done;
    }
    RuleMessage(batch_, name(known_.entry))
        .equals({Field::Of::kFamily, 0, 1}, Value(plan_.family() == Family::kV4 ? NFPROTO_IPV4 : NFPROTO_IPV6, 1))
        .decide(verdict(plan_.root(), NFT_GOTO));
    return stream_.send_when_full();
  }

 private:
  [[nodiscard]] std::string name(std::string_view of) const { return named(of, edition_); }
  [[nodiscard]] std::size_t width() const { return plan_.family() == Family::kV4 ? 4 : 16; }

  Verdict verdict(Plan::Target target, int to_step) {
    if (target.is_step) return {to_step, names_[target.index]};
    return verdict(target.index);
  }
  Verdict verdict(policy::Outcome outcome) {
    if (outcome == policy::kPass) return {NF_ACCEPT, {}};
    if (outcome == policy::kUndecided) return {NFT_RETURN, {}};
    return {NFT_GOTO, chain_of(outcome)};
  }
  /// Kept by this object: a Verdict is a view.
  std::string_view chain_of(policy::Outcome outcome) {
    if (outbound_ && outcome == policy::kCaught) return catch_;
    if (outbound_ && outcome == policy::kHeld) return hold_;
    if (outcome < policy::kFirstOpening) return dropped_;
    std::string& chain = openings_[outcome];
    if (chain.empty()) {
      chain = name("open_" + std::to_string(outcome - policy::kFirstOpening) + std::string(known_.opening));
    }
    return chain;
  }

  [[nodiscard]] Field field(Plan::Field of) const {
    switch (of) {
      case Plan::Field::kLocal: return address(outbound_);
      case Plan::Field::kRemote: return address(!outbound_);
      case Plan::Field::kProtocol: return protocol();
      case Plan::Field::kLocalPort: return transport(outbound_ ? 0U : 2U, 2);
      case Plan::Field::kRemotePort: return transport(outbound_ ? 2U : 0U, 2);
    }
    return {};
  }
  [[nodiscard]] Field address(bool source) const {
    if (quoted_) {
      const QuotedHeader header = quoted_header(plan_.family());
      return {Field::Of::kTransport, source ? header.source : header.destination, header.address_bytes};
    }
    if (plan_.family() == Family::kV4) return {Field::Of::kNetwork, source ? 12U : 16U, 4};
    return {Field::Of::kNetwork, source ? 8U : 24U, 16};
  }
  [[nodiscard]] Field protocol() const {
    if (quoted_) return {Field::Of::kTransport, quoted_header(plan_.family()).protocol, 1};
    return {Field::Of::kProtocol, 0, 1};
  }
  [[nodiscard]] Field transport(std::uint32_t offset, std::uint32_t bytes) const {
    return {Field::Of::kTransport, offset + (quoted_ ? quoted_header(plan_.family()).transport : 0U), bytes};
  }

  base::Result<void, Error> write_step(std::uint32_t index) {
    const Plan::Step& step = plan_.steps()[index];
    const std::string& chain = names_[index];
    add_chain(batch_, chain);
    for (const Plan::Line& line : step.lines) write_line(chain, line);
    if (step.branches.size() > kFewBranches) {
      TED_TRY(const Map map, write_map(chain, step));
      RuleMessage(batch_, chain).look_up(field(step.field), map);
      if (!step.next.is_step) {
        RuleMessage(batch_, chain).decide({NFT_GOTO, missed_});
        return stream_.send_when_full();
      }
    } else {
      write_branches(chain, step);
    }
    if (step.next != kBack) RuleMessage(batch_, chain).decide(verdict(step.next, NFT_GOTO));
    return stream_.send_when_full();
  }

  void write_branches(const std::string& chain, const Plan::Step& step) {
    const Field where = field(step.field);
    for (const Plan::Branch& branch : step.branches) {
      RuleMessage(batch_, chain)
          .within(where, Value(branch.first, where.bytes), Value(branch.last, where.bytes))
          .decide(verdict(branch.target, NFT_JUMP));
    }
  }

  void write_line(const std::string& chain, const Plan::Line& line) {
    const bool icmp = line.protocol_mask != 0 && base::is_icmp(static_cast<base::Protocol>(line.protocol));
    if (icmp && (line.local_port.lo > kMaxIcmpValue || line.remote_port.lo > kMaxIcmpValue)) return;  // no packet
    RuleMessage rule(batch_, chain);
    match_side(rule, address(outbound_), line.local_mask, line.local);
    match_side(rule, address(!outbound_), line.remote_mask, line.remote);
    if (line.protocol_mask != 0) rule.equals(protocol(), Value(line.protocol, 1));
    if (icmp) {
      match_icmp(rule, 0, line.local_port);
      match_icmp(rule, 1, line.remote_port);
    } else {
      match_range(rule, field(Plan::Field::kLocalPort), line.local_port);
      match_range(rule, field(Plan::Field::kRemotePort), line.remote_port);
    }
    rule.decide(verdict(line.rule));
  }

  void match_side(RuleMessage& rule, const Field& where, Plan::Word mask, Plan::Word address) const {
    if (mask == 0) return;
    if (mask == base::all_ones(plan_.family())) {
      rule.equals(where, Value(address, width()));
    } else {
      rule.equals(where, Value(mask, width()), Value(address, width()));
    }
  }
  static void match_range(RuleMessage& rule, const Field& where, PortRange range) {
    if (range.is_any()) return;
    if (range.is_single()) {
      rule.equals(where, Value(range.lo, where.bytes));
    } else {
      rule.within(where, Value(range.lo, where.bytes), Value(range.hi, where.bytes));
    }
  }
  void match_icmp(RuleMessage& rule, std::uint32_t offset, PortRange range) const {
    if (range.lo == 0 && range.hi >= kMaxIcmpValue) return;
    range.hi = std::min<std::uint16_t>(range.hi, kMaxIcmpValue);
    match_range(rule, transport(offset, 1), range);
  }

  base::Result<Map, Error> write_map(const std::string& name, const Plan::Step& step) {
    const std::uint32_t bytes = field(step.field).bytes;
    const Plan::Word greatest = bytes == 16 ? ~Plan::Word{0} : (Plan::Word{1} << (8 * bytes)) - 1;
    const auto hole = step.next.is_step ? std::nullopt : std::optional(verdict(step.next.index));
    const auto elements = elements_of(step, greatest, hole, [&](Plan::Target target) {
      return verdict(target, step.next.is_step ? NFT_JUMP : NFT_GOTO);
    });
    const bool nameless = is_nameless(step);
    Map map = add_map(batch_, nameless ? kNameless : name, key_type(step.field, plan_.family()), bytes);
    for (std::span<const Element> rest = elements.list(); !rest.empty();) {
      rest = rest.subspan(add_elements(batch_, map, bytes, rest));
      if (nameless) continue;
      if (auto done = stream_.send_when_full(); !done) return std::unexpected(done.error());
    }
    return map;
  }

  Stream& stream_;
  Batch& batch_;
  const Plan& plan_;
  bool outbound_;
  bool quoted_;
  Names known_;
  std::string prefix_;
  Edition edition_;
  std::string catch_ = name("catch");
  std::string hold_ = name("hold");
  std::string dropped_ = name(known_.dropped);
  std::string missed_ = name("missed");
  std::unordered_map<policy::Outcome, std::string> openings_;
  std::vector<std::string> names_;  ///< of the chain, and the map, of each step
};

}  // namespace

base::Result<void, Error> add_plan(Client& client, const policy::GuardPlan& plan, Edition edition) {
  Stream stream(client);
  for (const Plan* family : {&plan.v4, &plan.v6}) {
    for (const Direction direction : {Direction::kInbound, Direction::kOutbound, Direction::kQuoted}) {
      if (auto done = Writer(stream, *family, direction, edition).write(); !done) return done;
    }
  }
  return stream.send();
}

}  // namespace nft

#include "platform/nft/rule_message.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

namespace nft {
namespace {

constexpr std::uint32_t kRegister = NFT_REG_1;
/// With one more element, and the message's own attributes, still within Batch::kMaxAttributeBytes.
constexpr std::size_t kMostElementBytes = 60'000;

void put_data(Batch& batch, int attribute, base::ByteView value) {
  batch.nested(attribute, [&] { batch.bytes(NFTA_DATA_VALUE, value); });
}

template <class Body>
void expression(Batch& batch, std::string_view name, Body body) {
  batch.nested(NFTA_LIST_ELEM, [&] {
    batch.text(NFTA_EXPR_NAME, name);
    batch.nested(NFTA_EXPR_DATA, body);
  });
}

void load(Batch& batch, const Field& field) {
  if (field.of == Field::Of::kProtocol || field.of == Field::Of::kFamily) {
    return expression(batch, "meta", [&] {
      batch.number(NFTA_META_KEY, field.of == Field::Of::kProtocol ? NFT_META_L4PROTO : NFT_META_NFPROTO);
      batch.number(NFTA_META_DREG, kRegister);
    });
  }
  expression(batch, "payload", [&] {
    batch.number(NFTA_PAYLOAD_DREG, kRegister);
    batch.number(NFTA_PAYLOAD_BASE,
                 field.of == Field::Of::kNetwork ? NFT_PAYLOAD_NETWORK_HEADER : NFT_PAYLOAD_TRANSPORT_HEADER);
    batch.number(NFTA_PAYLOAD_OFFSET, field.offset);
    batch.number(NFTA_PAYLOAD_LEN, field.bytes);
  });
}

void compare(Batch& batch, base::ByteView value) {
  expression(batch, "cmp", [&] {
    batch.number(NFTA_CMP_SREG, kRegister);
    batch.number(NFTA_CMP_OP, NFT_CMP_EQ);
    put_data(batch, NFTA_CMP_DATA, value);
  });
}

void put_verdict(Batch& batch, const Verdict& verdict) {
  batch.nested(NFTA_DATA_VERDICT, [&] {
    batch.number(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(verdict.code));
    if (!verdict.chain.empty()) batch.text(NFTA_VERDICT_CHAIN, verdict.chain);
  });
}

void put_element(Batch& batch, std::uint32_t bytes, const Element& element) {
  batch.nested(NFTA_LIST_ELEM, [&] {
    put_data(batch, NFTA_SET_ELEM_KEY, Value(element.from, bytes));
    if (element.verdict) {
      batch.nested(NFTA_SET_ELEM_DATA, [&] { put_verdict(batch, *element.verdict); });
    } else {
      batch.number(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
    }
  });
}

}  // namespace

void add_chain(Batch& batch, const std::string& name) {
  batch.begin("chain " + name, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  batch.text(NFTA_CHAIN_NAME, name);
}

void add_hooked_chain(Batch& batch, const Hook& hook) {
  batch.begin("chain " + std::string(hook.chain), NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  batch.text(NFTA_CHAIN_NAME, hook.chain);
  batch.nested(NFTA_CHAIN_HOOK, [&] {
    batch.number(NFTA_HOOK_HOOKNUM, hook.number);
    batch.number(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(hook.priority));
  });
  batch.number(NFTA_CHAIN_POLICY, NF_ACCEPT);
  batch.text(NFTA_CHAIN_TYPE, hook.type);
}

void empty_chain(Batch& batch, const std::string& chain) {
  batch.begin("the rules of chain " + chain, NFT_MSG_DELRULE, 0);
  batch.text(NFTA_RULE_CHAIN, chain);
}

void delete_chain(Batch& batch, const std::string& chain) {
  batch.begin("chain " + chain, NFT_MSG_DELCHAIN, 0);
  batch.text(NFTA_CHAIN_NAME, chain);
}

void delete_set(Batch& batch, const std::string& set) {
  batch.begin("set " + set, NFT_MSG_DELSET, 0);
  batch.text(NFTA_SET_NAME, set);
}

void delete_rule(Batch& batch, const std::string& chain, std::uint64_t handle) {
  empty_chain(batch, chain);
  batch.handle(NFTA_RULE_HANDLE, handle);
}

Map add_map(Batch& batch, std::string_view name, std::uint32_t type, std::uint32_t bytes) {
  Map map{std::string(name), static_cast<std::uint32_t>(batch.size())};  // a number that no other map of the batch has
  batch.begin("map " + map.name, NFT_MSG_NEWSET, NLM_F_CREATE);
  batch.text(NFTA_SET_NAME, name);
  const std::uint32_t anonymous = name == kNameless ? NFT_SET_ANONYMOUS : 0;
  batch.number(NFTA_SET_FLAGS, NFT_SET_CONSTANT | NFT_SET_INTERVAL | NFT_SET_MAP | anonymous);
  batch.number(NFTA_SET_KEY_TYPE, type);
  batch.number(NFTA_SET_KEY_LEN, bytes);
  batch.number(NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
  batch.number(NFTA_SET_DATA_LEN, 0);
  batch.number(NFTA_SET_ID, map.number);
  return map;
}

std::size_t add_elements(Batch& batch, const Map& map, std::uint32_t bytes, std::span<const Element> elements) {
  batch.begin("an element of map " + map.name, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
  batch.text(NFTA_SET_ELEM_LIST_SET, map.name);
  batch.number(NFTA_SET_ELEM_LIST_SET_ID, map.number);
  std::size_t taken = 0;
  batch.nested(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
    const std::size_t start = batch.size();
    while (taken < elements.size() && batch.size() - start < kMostElementBytes)
      put_element(batch, bytes, elements[taken++]);
  });
  return taken;
}

void add_intervals(Batch& batch, const std::string& set, std::size_t bytes, std::span<const Interval> intervals) {
  const auto put = [&](base::Uint128 key, bool is_end) {
    batch.nested(NFTA_LIST_ELEM, [&] {
      put_data(batch, NFTA_SET_ELEM_KEY, Value(key, bytes));
      if (is_end) batch.number(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
    });
  };
  const base::Uint128 greatest = bytes == 16 ? ~base::Uint128{0} : (base::Uint128{1} << (8 * bytes)) - 1;
  while (!intervals.empty()) {
    batch.begin("an element of set " + set, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
    batch.text(NFTA_SET_ELEM_LIST_SET, set);
    batch.nested(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
      const std::size_t start = batch.size();
      for (; !intervals.empty() && batch.size() - start < kMostElementBytes; intervals = intervals.subspan(1)) {
        put(intervals.front().first, false);
        if (intervals.front().last != greatest) put(intervals.front().last + 1, true);
      }
    });
  }
}

void empty_set(Batch& batch, const std::string& set) {
  batch.begin("the elements of set " + set, NFT_MSG_DELSETELEM, 0);
  batch.text(NFTA_SET_ELEM_LIST_SET, set);
}

RuleMessage::RuleMessage(Batch& batch, const std::string& chain, At at) : batch_(batch) {
  batch_.begin("a rule of chain " + chain, NFT_MSG_NEWRULE, NLM_F_CREATE | (at == At::kEnd ? NLM_F_APPEND : 0));
  batch_.text(NFTA_RULE_CHAIN, chain);
  expressions_ = batch_.open(NFTA_RULE_EXPRESSIONS | NLA_F_NESTED);
}

RuleMessage::~RuleMessage() {
  batch_.close(expressions_);
}

RuleMessage& RuleMessage::equals(const Field& field, base::ByteView value) {
  load(batch_, field);
  compare(batch_, value);
  return *this;
}

RuleMessage& RuleMessage::equals(const Field& field, base::ByteView mask, base::ByteView value) {
  const base::Bytes zero(mask.size());
  load(batch_, field);
  expression(batch_, "bitwise", [&] {
    batch_.number(NFTA_BITWISE_SREG, kRegister);
    batch_.number(NFTA_BITWISE_DREG, kRegister);
    batch_.number(NFTA_BITWISE_LEN, static_cast<std::uint32_t>(mask.size()));
    put_data(batch_, NFTA_BITWISE_MASK, mask);
    put_data(batch_, NFTA_BITWISE_XOR, zero);
  });
  compare(batch_, value);
  return *this;
}

RuleMessage& RuleMessage::within(const Field& field, base::ByteView first, base::ByteView last) {
  load(batch_, field);
  expression(batch_, "range", [&] {
    batch_.number(NFTA_RANGE_SREG, kRegister);
    batch_.number(NFTA_RANGE_OP, NFT_RANGE_EQ);
    put_data(batch_, NFTA_RANGE_FROM_DATA, first);
    put_data(batch_, NFTA_RANGE_TO_DATA, last);
  });
  return *this;
}

void RuleMessage::look_up(const Field& field, const Map& map) {
  load(batch_, field);
  expression(batch_, "lookup", [&] {
    batch_.text(NFTA_LOOKUP_SET, map.name);
    batch_.number(NFTA_LOOKUP_SET_ID, map.number);
    batch_.number(NFTA_LOOKUP_SREG, kRegister);
    batch_.number(NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
  });
}

void RuleMessage::decide(const Verdict& verdict) {
  expression(batch_, "immediate", [&] {
    batch_.number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    batch_.nested(NFTA_IMMEDIATE_DATA, [&] { put_verdict(batch_, verdict); });
  });
}

}  // namespace nft

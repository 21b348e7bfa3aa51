#include "platform/nft/standing.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>

#include "platform/nft/attributes.hpp"
#include "platform/nft/guard.hpp"

namespace nft {
namespace {

std::uint32_t number_in(base::ByteView bytes, int attribute) {
  return ntohl(value_at<std::uint32_t>(attribute_in(bytes, attribute)));
}

bool is_ours(base::ByteView object) {
  static_assert(NFTA_CHAIN_TABLE == 1 && NFTA_SET_TABLE == 1);
  return text_of(attribute_in(object, 1)) == kGuardTable.substr(kGuardTable.find(' ') + 1);
}

/// The chain that an expression's verdict names.
std::string_view chain_of(base::ByteView expression) {
  if (text_of(attribute_in(expression, NFTA_EXPR_NAME)) != "immediate") return {};
  const auto data = attribute_in(attribute_in(expression, NFTA_EXPR_DATA), NFTA_IMMEDIATE_DATA);
  return text_of(attribute_in(attribute_in(data, NFTA_DATA_VERDICT), NFTA_VERDICT_CHAIN));
}

Standing::Rule rule_of(const std::string& chain, base::ByteView object) {
  Standing::Rule rule{.chain = chain, .handle = 0, .goes_to = {}};
  const base::ByteView handle = attribute_in(object, NFTA_RULE_HANDLE);
  if (handle.size() == 8) rule.handle = base::load<std::uint64_t>(handle.first<8>());
  visit_attributes(attribute_in(object, NFTA_RULE_EXPRESSIONS),
                   [&](int, base::ByteView expression) { rule.goes_to += chain_of(expression); });
  return rule;
}

}  // namespace

bool Standing::enters(Edition edition) const {
  return std::ranges::any_of(entries, [&](const Rule& rule) { return edition_of(rule.goes_to) == edition; });
}

Edition Standing::next() const {
  std::uint32_t last = 0;
  for (const auto* names : {&chains, &sets}) {
    for (const std::string& name : *names) {
      if (const auto edition = edition_of(name)) last = std::max(last, static_cast<std::uint32_t>(*edition));
    }
  }
  return Edition{last + 1};
}

base::Result<Standing, Error> standing(const Link& link) {
  Standing found;
  const auto take_chain = [&](base::ByteView chain) {
    if (!is_ours(chain)) return;
    auto& list = attribute_in(chain, NFTA_CHAIN_HOOK).empty() ? found.chains : found.hooked;
    list.emplace_back(text_of(attribute_in(chain, NFTA_CHAIN_NAME)));
  };
  if (auto done = link.list(NFT_MSG_GETCHAIN, {}, take_chain); !done) return std::unexpected(done.error());
  if (found.chains.empty() && found.hooked.empty()) return found;
  const auto take_set = [&](base::ByteView set) {
    if (!is_ours(set) || (number_in(set, NFTA_SET_FLAGS) & NFT_SET_ANONYMOUS) != 0) return;
    found.sets.emplace_back(text_of(attribute_in(set, NFTA_SET_NAME)));
  };
  if (auto done = link.list(NFT_MSG_GETSET, {}, take_set); !done) return std::unexpected(done.error());
  for (const std::string& chain : found.hooked) {
    const auto take_rule = [&](base::ByteView rule) { found.entries.push_back(rule_of(chain, rule)); };
    if (auto done = link.list(NFT_MSG_GETRULE, chain, take_rule); !done) return std::unexpected(done.error());
  }
  return found;
}

}  // namespace nft

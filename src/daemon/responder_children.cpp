#include "daemon/responder_children.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/prefixes.hpp"
#include "platform/vici/selector_text.hpp"

namespace tedd {

namespace {

constexpr std::size_t kMaxChildren = 256;
/// Each pair is a selector to charon.
constexpr std::size_t kMaxPairs = 4096;
/// A TS payload has room for 255 selectors (RFC 7296 section 3.13), and charon tries each with each of a request.
constexpr std::size_t kMaxPrefixes = 64;

using Prefixes = std::vector<base::Prefix>;

void add_once(std::vector<std::string>& list, std::string text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

// charon knows prefixes only: a mask that is none becomes the prefix around it.
vici::Child child_of(const policy::Rule& rule, std::size_t index) {
  vici::Child child{"rule-" + std::to_string(index), {}, {}};
  for (const auto& local : rule.local) {
    for (const auto& remote : rule.remote) {
      if (local.family() != remote.family()) continue;
      const base::Selector line{rule.protocol, local.covering_prefix(), remote.covering_prefix(), rule.local_port,
                                rule.remote_port};
      const auto text = vici::to_ts(line);
      if (!text) continue;
      add_once(child.local_ts, text->local);
      add_once(child.remote_ts, text->remote);
    }
  }
  return child;
}

base::Prefix shortened(const base::Prefix& prefix, unsigned length) {
  if (prefix.length() <= length) return prefix;
  const base::Uint128 mask = base::prefix_mask(prefix.family(), length);
  return {base::Address(prefix.family(), prefix.network().value() & mask), length};
}

Prefixes shortened(const Prefixes& all, unsigned length) {
  Prefixes shorter;
  for (const base::Prefix& prefix : all) shorter.push_back(shortened(prefix, length));
  return base::without_inner(std::move(shorter));
}

// As long as they can be without being too many.
Prefixes around(const Prefixes& all, base::Family family) {
  unsigned fits = 0;
  unsigned too_long = base::width(family) + 1;
  while (too_long - fits > 1) {
    const unsigned length = (fits + too_long) / 2;
    (shortened(all, length).size() <= kMaxPrefixes ? fits : too_long) = length;
  }
  return shortened(all, fits);
}

std::vector<std::string> texts_around(std::span<const policy::Rule* const> rules,
                                      std::vector<base::MaskedAddress> policy::Rule::* side) {
  std::vector<std::string> texts;
  for (const base::Family family : {base::Family::kV4, base::Family::kV6}) {
    Prefixes all;
    for (const policy::Rule* rule : rules) {
      for (const base::MaskedAddress& addresses : rule->*side) {
        if (addresses.family() == family) all.push_back(addresses.covering_prefix());
      }
    }
    for (const base::Prefix& prefix : around(all, family)) texts.push_back(base::MaskedAddress(prefix).text());
  }
  return texts;
}

}  // namespace

std::vector<vici::Child> responder_children(std::span<const policy::Rule> rules) {
  std::vector<const policy::Rule*> responding;
  std::vector<vici::Child> children;
  bool is_too_much = false;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action != policy::Action::kProtect || !rules[i].respond) continue;
    responding.push_back(&rules[i]);
    is_too_much =
        is_too_much || responding.size() > kMaxChildren || rules[i].local.size() * rules[i].remote.size() > kMaxPairs;
    if (is_too_much) continue;
    auto child = child_of(rules[i], i);
    if (!child.local_ts.empty()) children.push_back(std::move(child));
  }
  if (!is_too_much) return children;
  return {{"all", texts_around(responding, &policy::Rule::local), texts_around(responding, &policy::Rule::remote)}};
}

}  // namespace tedd

#include "platform/nft/flowtables.hpp"

#include <algorithm>
#include <array>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <utility>

#include "platform/nft/attributes.hpp"

namespace nft {
namespace {

struct Family {
  std::uint8_t number;
  const char* name;
};
/// No other has flowtables.
constexpr std::array kFamilies = {Family{NFPROTO_INET, "inet"}, Family{NFPROTO_IPV4, "ip"},
                                  Family{NFPROTO_IPV6, "ip6"}};

}  // namespace

Flowtable flowtable_in(std::string family, base::ByteView attributes) {
  Flowtable found{.family = std::move(family),
                  .table = std::string(text_of(attribute_in(attributes, NFTA_FLOWTABLE_TABLE))),
                  .name = std::string(text_of(attribute_in(attributes, NFTA_FLOWTABLE_NAME))),
                  .devices = {}};
  const base::ByteView hook = attribute_in(attributes, NFTA_FLOWTABLE_HOOK);
  visit_attributes(attribute_in(hook, NFTA_FLOWTABLE_HOOK_DEVS), [&](int kind, base::ByteView device) {
    if (kind == NFTA_DEVICE_NAME) found.devices.emplace_back(text_of(device));
  });
  std::ranges::sort(found.devices);  // the kernel's order is any
  return found;
}

base::Result<std::vector<Flowtable>, Error> flowtables(const Link& link) {
  std::vector<Flowtable> found;
  for (const Family& family : kFamilies) {
    const auto take = [&](base::ByteView attributes) {
      if (found.size() < kMaxFlowtables) found.push_back(flowtable_in(family.name, attributes));
    };
    if (auto done = link.list_all(NFT_MSG_GETFLOWTABLE, family.number, take); !done) {
      return std::unexpected(std::move(done).error());
    }
  }
  return found;
}

std::string text(const Flowtable& flowtable) {
  std::string words = flowtable.family + " " + flowtable.table + " " + flowtable.name + " (";
  for (std::size_t i = 0; i < flowtable.devices.size(); ++i) words += (i == 0 ? "" : ", ") + flowtable.devices[i];
  return words + (flowtable.devices.empty() ? "no device)" : ")");
}

}  // namespace nft

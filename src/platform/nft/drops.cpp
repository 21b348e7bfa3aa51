#include "platform/nft/drops.hpp"

#include <algorithm>
#include <endian.h>
#include <linux/netfilter/nf_tables.h>

#include "platform/nft/attributes.hpp"
#include "platform/nft/match.hpp"

namespace nft {
namespace {

struct Named {
  std::string_view name;
  std::string_view comment;
};
/// By Drop. A comment is what `nft list counters` says of it.
constexpr std::array<Named, kDrops> kNamed = {
    Named{"no_tunnel", "leaves, protected, no tunnel for it"},
    Named{"blocked", "leaves, blocked or protected without discovery"},
    Named{"refused", "arrives in the clear, blocked or protected"},
    Named{"translated", "lost its tunnel to address translation"},
    Named{"quoted", "an ICMP error that would tell what it quotes"},
    Named{"fragment", "without ports, where lines ask for them"},
    Named{"released", "was held, and no tunnel carries it"},
    Named{"missed", "a map did not hold what it holds"},
};

std::uint64_t packets_of(base::ByteView counter) {
  return be64toh(value_at<std::uint64_t>(attribute_in(counter, NFTA_COUNTER_PACKETS)));
}

}  // namespace

std::string_view name_of(Drop drop) {
  return kNamed.at(static_cast<std::size_t>(drop)).name;
}

std::string counted(Drop drop) {
  return "counter counter name \"" + std::string(name_of(drop)) + "\" drop";
}

std::vector<std::string> drop_counters() {
  std::vector<std::string> lines;
  lines.reserve(kNamed.size());
  for (const Named& one : kNamed) {
    lines.push_back("counter " + std::string(one.name) + " { comment " + quote(std::string(one.comment)) + "; }");
  }
  return lines;
}

base::Result<DropCounts, Error> drop_counts(const Link& link) {
  DropCounts counts{};
  const auto take = [&](base::ByteView object) {
    const auto name = text_of(attribute_in(object, NFTA_OBJ_NAME));
    const auto* const one = std::ranges::find(kNamed, name, &Named::name);
    if (one == kNamed.end()) return;
    counts.at(static_cast<std::size_t>(one - kNamed.begin())) = packets_of(attribute_in(object, NFTA_OBJ_DATA));
  };
  if (auto done = link.list(NFT_MSG_GETOBJ, {}, take); !done) return std::unexpected(done.error());
  return counts;
}

}  // namespace nft

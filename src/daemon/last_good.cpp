#include "daemon/last_good.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "config/config.hpp"
#include "daemon/guard_keeper.hpp"
#include "platform/nft/client.hpp"
#include "policy/snapshot.hpp"

namespace tedd {
namespace {

constexpr std::string_view kFile = "last-good.toml";
constexpr std::string_view kNetworks = "last-good.networks";
constexpr std::string_view kOpen = "no guard stands: protected flows pass in the clear until tedd starts";

/// In place of the one before as a whole, or not at all.
base::Result<void, std::string> replace(const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  std::ofstream stream(fresh, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return std::unexpected(path + " cannot be written: " + std::strerror(errno));
  }
  return {};
}

}  // namespace

std::string text(const config::NetworksByName& networks) {
  std::string lines;
  for (const auto& [name, of] : networks) {
    for (const auto& [what, list] : {std::pair("present", &of.present), std::pair("held", &of.held)}) {
      for (const base::Prefix& prefix : *list) lines += "interface " + name + " " + what + " " + prefix.text() + "\n";
    }
  }
  return lines;
}

std::optional<config::NetworksByName> parse_networks(std::string_view text) {
  config::NetworksByName networks;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string head;
    std::string name;
    std::string what;
    std::string network;
    std::string more;
    if (!(words >> head >> name >> what >> network) || words >> more || head != "interface") return std::nullopt;
    const auto prefix = base::Prefix::parse(network);
    if (!prefix || (what != "present" && what != "held")) return std::nullopt;
    config::Networks& of = networks[name];
    (what == "present" ? of.present : of.held).push_back(*prefix);
  }
  return networks;
}

// The networks first: a file beside networks that know more of it than it asks closes no less.
base::Result<void, std::string> LastGood::keep(std::string_view file_text,
                                               const config::NetworksByName& networks) const {
  if (folder_.empty()) return {};
  if (auto done = keep(networks); !done) return done;
  return replace(path(kFile), file_text);
}

base::Result<void, std::string> LastGood::keep(const config::NetworksByName& networks) const {
  if (folder_.empty()) return {};
  return replace(path(kNetworks), text(networks));
}

config::NetworksByName LastGood::networks() const {
  if (folder_.empty()) return {};
  const auto kept = config::read(path(kNetworks));
  return kept ? parse_networks(*kept).value_or(config::NetworksByName()) : config::NetworksByName();
}

std::string LastGood::stand_in() const {
  auto nftables = nft::Client::open();
  if (!nftables) return "nothing is known of the guard: " + nftables.error().message;
  const auto stands = nftables->exists(nft::kGuardTable);
  if (!stands) return "nothing is known of the guard: " + stands.error().message;
  if (*stands) return "the guard that was in force stays in force";
  if (folder_.empty()) return std::string(kOpen);

  const auto kept = config::read(path(kFile));
  if (!kept) return std::string(kOpen) + ", and no policy of before is kept in " + folder_;
  const auto config = config::parse(*kept, path(kFile));
  if (!config)
    return std::string(kOpen) + ", and so is what was kept of before refused: " + config.error().front().text();
  auto rules = config::resolve(*config, path(kFile), networks());
  if (!rules)
    return std::string(kOpen) + ", and so is what was kept of before refused: " + rules.error().front().text();
  GuardKeeper guard(config->gateway);
  if (const auto done = guard.watch(); !done) return std::string(kOpen) + ": " + done.error();
  if (const auto done = guard.install(policy::Snapshot(*std::move(rules))); !done)
    return std::string(kOpen) + ": " + done.error();
  return "the guard of " + path(kFile) +
         ", the policy that was in force last, stands until tedd starts; nothing brings tunnels up";
}

}  // namespace tedd

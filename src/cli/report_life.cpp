#include "cli/report_life.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

#include "cli/text.hpp"

namespace cli {

namespace {

constexpr const char* kUntold = "deleted by either end, its peer dead, or strongSwan ended";

class Reader {
 public:
  void read(const control::Happening& happening) {
    if (!happening.tunnel || !happening.peer) return;
    const std::string& id = happening.id;
    const auto found = open_.find(*happening.tunnel);
    if (id == "TED-TUNNEL-UP") {
      Life& life = begin(happening);
      if (happening.selectors) life.carries = joined(*happening.selectors, ", ");
      open_[*happening.tunnel] = lives_.size() - 1;
    } else if (id == "TED-TUNNEL-REFUSED" || id == "TED-TUNNEL-UNAUTHORISED") {
      Life& life = found == open_.end() ? begin(happening) : lives_[found->second];
      life.refused = life.from == happening.time;
      life.why = happening.text;
      life.to = happening.time;
      open_.erase(*happening.tunnel);
    } else if (found == open_.end()) {
      return;  // its beginning is forgotten
    } else if (id == "TED-TUNNEL-REKEYED") {
      lives_[found->second].renewed.push_back(happening.time);
    } else if (id == "TED-TUNNEL-DOWN") {
      Life& life = lives_[found->second];
      life.to = happening.time;
      if (life.why.empty()) life.why = kUntold;
      open_.erase(found);
    } else {
      lives_[found->second].why = happening.text;  // it goes for that
    }
  }

  /// The life of a tunnel that stands.
  Life& standing(const control::Tunnel& tunnel) {
    const auto found = tunnel.id ? open_.find(*tunnel.id) : open_.end();
    if (found != open_.end()) return lives_[found->second];
    lives_.push_back({.id = tunnel.id,
                      .peer = tunnel.peer,
                      .rule = tunnel.rule,
                      .carries = {},
                      .from = tunnel.since,
                      .to = {},
                      .renewed = {},
                      .why = {},
                      .standing = {}});
    if (tunnel.renewed && *tunnel.renewed > tunnel.since) lives_.back().renewed.push_back(*tunnel.renewed);
    return lives_.back();
  }

  std::vector<Life> give() && {
    // One that neither stands nor is said to have gone went while nobody could tell.
    std::erase_if(lives_, [](const Life& life) { return !life.to && !life.standing; });
    std::ranges::stable_sort(lives_, [](const Life& one, const Life& other) { return one.from > other.from; });
    return std::move(lives_);
  }

 private:
  Life& begin(const control::Happening& happening) {
    lives_.push_back({.id = happening.tunnel,
                      .peer = *happening.peer,
                      .rule = happening.rule.value_or(""),
                      .carries = {},
                      .from = happening.time,
                      .to = {},
                      .renewed = {},
                      .why = {},
                      .standing = {}});
    return lives_.back();
  }

  std::vector<Life> lives_;
  std::map<std::int64_t, std::size_t> open_;
};

}  // namespace

std::vector<Life> lives_of(const ReportData& data) {
  Reader reader;
  for (const control::Happening& happening : data.history.happenings) reader.read(happening);
  for (std::size_t i = 0; i < data.tunnels.size(); ++i) {
    const control::Tunnel& tunnel = data.tunnels[i];
    Life& life = reader.standing(tunnel);
    life.standing = i;
    life.rule = tunnel.rule;
    life.carries = joined(tunnel.selectors, ", ");
  }
  return std::move(reader).give();
}

}  // namespace cli

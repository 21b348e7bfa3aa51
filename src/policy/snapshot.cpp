#include "policy/snapshot.hpp"

#include <utility>

namespace policy {

namespace {

template <class Word>
std::optional<Match> scan(const std::vector<Row<Word>>& rows, const base::Flow& flow) {
  const auto from = static_cast<Word>(flow.source.value());
  const auto to = static_cast<Word>(flow.destination.value());
  for (const auto& row : rows) {
    if (row.contains(from, to, flow)) return Match{RuleIndex{row.rule}, to_line(row)};
  }
  return std::nullopt;
}

template <class Word>
std::optional<Match> scan_addresses(const std::vector<Row<Word>>& rows, std::span<const Rule> rules,
                                    const base::Address& local, const base::Address& remote) {
  const auto from = static_cast<Word>(local.value());
  const auto to = static_cast<Word>(remote.value());
  for (const auto& row : rows) {
    if (row.contains_addresses(from, to) && rules[row.rule].action == Action::kProtect) {
      return Match{RuleIndex{row.rule}, to_line(row)};
    }
  }
  return std::nullopt;
}

base::Selector line_of(const Rule& rule, const base::MaskedAddress& local, const base::MaskedAddress& remote) {
  return {rule.protocol, local, remote, rule.local_port, rule.remote_port};
}

}  // namespace

Snapshot::Snapshot(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (std::uint32_t index = 0; index < rules_.size(); ++index) {
    const Rule& rule = rules_[index];
    for (const auto& local : rule.local) {
      for (const auto& remote : rule.remote) {
        if (local.family() != remote.family()) continue;
        const auto line = line_of(rule, local, remote);
        if (line.family() == base::Family::kV4) {
          v4_.push_back(to_row<std::uint32_t>(line, index));
        } else {
          v6_.push_back(to_row<base::Uint128>(line, index));
        }
      }
    }
  }
}

std::optional<Match> Snapshot::first_match(const base::Flow& flow) const {
  if (flow.source.family() != flow.destination.family()) return std::nullopt;
  return flow.source.family() == base::Family::kV4 ? scan(v4_, flow) : scan(v6_, flow);
}

std::optional<Match> Snapshot::first_match_by_addresses(const base::Address& local, const base::Address& remote) const {
  if (local.family() != remote.family()) return std::nullopt;
  return local.family() == base::Family::kV4 ? scan_addresses(v4_, rules_, local, remote)
                                             : scan_addresses(v6_, rules_, local, remote);
}

std::vector<Match> Snapshot::overlapping(const base::Selector& box, RuleIndex before) const {
  std::vector<Match> found;
  visit_overlapping(box, before, [&found](const Match& line) {
    found.push_back(line);
    return true;
  });
  return found;
}

std::vector<Match> Snapshot::lines() const {
  std::vector<Match> all;
  all.reserve(v4_.size() + v6_.size());
  for (const auto& row : v4_) all.push_back({RuleIndex{row.rule}, to_line(row)});
  for (const auto& row : v6_) all.push_back({RuleIndex{row.rule}, to_line(row)});
  return all;
}

}  // namespace policy

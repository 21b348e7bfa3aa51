#include "policy/snapshot.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace policy {

namespace {

template <class Word>
std::optional<Match> first(const Lines<Word>& lines, const base::Flow& flow) {
  const LineIndex line = lines.first(to_key<Word>(flow));
  if (line == kNoLine) return std::nullopt;
  const auto row = lines.row(line);
  return Match{RuleIndex{row.rule}, to_line(row)};
}

base::Selector line_of(const Rule& rule, const base::MaskedAddress& local, const base::MaskedAddress& remote) {
  return {rule.protocol, local, remote, rule.local_port, rule.remote_port};
}

struct Rows {
  std::vector<RowV4> v4;
  std::vector<RowV6> v6;

  explicit Rows(std::span<const Rule> rules) {
    v4.reserve(rules.size());
    for (std::uint32_t index = 0; index < rules.size(); ++index) {
      const Rule& rule = rules[index];
      for (const auto& local : rule.local) {
        for (const auto& remote : rule.remote) {
          if (local.family() != remote.family()) continue;
          const auto line = line_of(rule, local, remote);
          if (line.family() == base::Family::kV4) {
            v4.push_back(to_row<std::uint32_t>(line, index));
          } else {
            v6.push_back(to_row<base::Uint128>(line, index));
          }
        }
      }
    }
  }
};

}  // namespace

Snapshot::Snapshot(std::vector<Rule> rules) : rules_(std::move(rules)) {
  const Rows rows(rules_);
  v4_ = Lines<std::uint32_t>(rows.v4);
  v6_ = Lines<base::Uint128>(rows.v6);
}

Snapshot::Snapshot(std::vector<Rule> rules, const Snapshot& before) : rules_(std::move(rules)) {
  const Rows rows(rules_);
  v4_ = Lines<std::uint32_t>(rows.v4, before.v4_);
  v6_ = Lines<base::Uint128>(rows.v6, before.v6_);
}

std::optional<Match> Snapshot::first_match(const base::Flow& flow) const {
  if (flow.source.family() != flow.destination.family()) return std::nullopt;
  return flow.source.family() == base::Family::kV4 ? first(v4_, flow) : first(v6_, flow);
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
  auto all = lines(base::Family::kV4);
  std::ranges::move(lines(base::Family::kV6), std::back_inserter(all));
  return all;
}

std::vector<Match> Snapshot::lines(base::Family family) const {
  std::vector<Match> all;
  const auto add = [&all](const auto& lines) {
    all.reserve(lines.size());
    for (LineIndex line = 0; line < lines.size(); ++line) {
      const auto row = lines.row(line);
      all.push_back({RuleIndex{row.rule}, to_line(row)});
    }
  };
  if (family == base::Family::kV4) {
    add(v4_);
  } else {
    add(v6_);
  }
  return all;
}

}  // namespace policy

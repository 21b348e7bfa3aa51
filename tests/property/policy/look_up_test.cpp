// First match by every structure there is, against a comparison with each line in turn: policies large enough for all
// of them, both families, with and without wide registers, one by one and many at once, built and edited.
#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <random>
#include <rapidcheck.h>
#include <utility>
#include <vector>

#include "policy/bitmaps.hpp"
#include "policy/block.hpp"
#include "policy/line_tree.hpp"
#include "policy/lines.hpp"
#include "policy/probe.hpp"
#include "policy/samples.hpp"
#include "policy/shelves.hpp"
#include "policy/tuples.hpp"

namespace policy_property {

using policy::Key;
using policy::kNoLine;
using policy::LineIndex;
using policy::Lines;
using policy::Row;

template <class Word>
class LookUp : public testing::Test {};
using Families = testing::Types<std::uint32_t, base::Uint128>;
TYPED_TEST_SUITE(LookUp, Families);

// Fast, for policies are large; what it begins with is rapidcheck's, so that a failure can be repeated.
std::mt19937& random_numbers() {
  static std::mt19937 numbers;
  return numbers;
}

std::uint32_t below(std::uint32_t end) {
  return static_cast<std::uint32_t>(random_numbers()()) % end;
}

template <class Property>
void holds(Property property) {
  EXPECT_TRUE(rc::check([&property] {
    random_numbers().seed(*rc::gen::arbitrary<std::uint32_t>());
    property();
  }));
}

// Few values, so that lines overlap; at either end of the address, so that every byte of it counts.
template <class Word>
Word any_word() {
  static constexpr unsigned kWidth = sizeof(Word) * 8;
  return static_cast<Word>(static_cast<Word>(below(16)) << (kWidth - 4) | static_cast<Word>(below(4)) << (kWidth - 20) |
                           below(8));
}

template <class Word>
Word any_mask() {
  const std::uint32_t kind = below(8);
  if (kind == 0) return 0;
  if (kind == 1) return static_cast<Word>(any_word<Word>() | 5U);  // with holes
  const unsigned bits = 1 + below(sizeof(Word) * 8);
  return static_cast<Word>(static_cast<Word>(~Word{0}) << (sizeof(Word) * 8 - bits));
}

base::PortRange any_ports() {
  const std::uint32_t kind = below(6);
  if (kind < 2) return base::PortRange::any();
  const auto lo = static_cast<std::uint16_t>(below(3) * 256 + below(4));
  if (kind < 4) return base::PortRange::only(lo);
  return {lo, static_cast<std::uint16_t>(kind == 4 ? 65535 : lo + below(300))};
}

template <class Word>
Row<Word> any_row() {
  Row<Word> row{};
  row.local_mask = any_mask<Word>();
  row.local = static_cast<Word>(any_word<Word>() & row.local_mask);
  row.remote_mask = any_mask<Word>();
  row.remote = static_cast<Word>(any_word<Word>() & row.remote_mask);
  row.local_port = any_ports();
  row.remote_port = any_ports();
  row.protocol_mask = below(4) == 0 ? 0 : 255;
  row.protocol = row.protocol_mask == 0 ? std::uint8_t{0} : below(2) == 0 ? std::uint8_t{6} : std::uint8_t{17};
  return row;
}

template <class Word>
std::vector<Row<Word>> any_rows(std::size_t count) {
  std::vector<Row<Word>> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back(any_row<Word>());
    rows.back().rule = static_cast<std::uint32_t>(i);
  }
  // Some that differ in ranges of ports only: they share a bucket whatever the tuples are.
  for (std::size_t i = 0; i < count / 8; ++i) {
    Row<Word>& row = rows[below(static_cast<std::uint32_t>(count))];
    const auto [ports, rule] = std::pair(any_ports(), row.rule);
    row = rows.front();
    row.remote_port = ports;
    row.rule = rule;
  }
  return rows;
}

// Some that are in lines, some that are anywhere.
template <class Word>
std::vector<Key<Word>> any_keys(const std::vector<Row<Word>>& rows) {
  std::vector<Key<Word>> keys;
  for (const auto& sample : policy::draw_samples<Word>(rows, 150)) keys.push_back(sample.key);
  for (int i = 0; i < 53; ++i) {
    keys.push_back({any_word<Word>(), any_word<Word>(), static_cast<std::uint16_t>(below(3) * 256 + below(4)),
                    static_cast<std::uint16_t>(below(3) * 256 + below(4)),
                    below(2) == 0 ? std::uint8_t{6} : std::uint8_t{1}});
  }
  return keys;
}

template <class Word>
LineIndex model(const std::vector<Row<Word>>& rows, const Key<Word>& key) {
  for (LineIndex line = 0; line < rows.size(); ++line) {
    const Row<Word>& row = rows[line];
    const bool in_addresses = (key.from & row.local_mask) == row.local && (key.to & row.remote_mask) == row.remote;
    if (in_addresses && (row.protocol_mask == 0 || key.protocol == row.protocol) &&
        row.local_port.contains(key.from_port) && row.remote_port.contains(key.to_port)) {
      return line;
    }
  }
  return kNoLine;
}

template <class Structure, class Word>
void is_right(const Structure& structure, const std::vector<Row<Word>>& rows, const std::vector<Key<Word>>& keys) {
  std::vector<LineIndex> at_once(keys.size());
  structure.first(keys, at_once);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const LineIndex expected = model(rows, keys[i]);
    RC_ASSERT(structure.first(keys[i]) == expected);
    RC_ASSERT(at_once[i] == expected);
  }
}

// At the sizes at which Lines changes from one structure to the next, and on either side.
TYPED_TEST(LookUp, IsTheFirstLineAtEverySize) {
  holds([] {
    static constexpr std::array<std::size_t, 14> kSizes = {0,   1,   8,   9,   63,   64,   65,
                                                           128, 129, 300, 600, 1024, 1025, 2500};
    const auto count = kSizes[below(kSizes.size())];
    const auto rows = any_rows<TypeParam>(count);
    is_right(Lines<TypeParam>(rows), rows, any_keys<TypeParam>(rows));
  });
}

TYPED_TEST(LookUp, BitmapsAreRightWithoutWideRegistersToo) {
  holds([] {
    const auto rows = any_rows<TypeParam>(1 + below(1024));
    const policy::Bitmaps<TypeParam> bitmaps(rows);
    const auto keys = any_keys<TypeParam>(rows);
    is_right(bitmaps, rows, keys);
    for (const auto& key : keys) RC_ASSERT(bitmaps.first_anywhere(key) == model(rows, key));
  });
}

TEST(Shelves, AreRightHoweverFewLinesThereAre) {
  holds([] {
    const auto rows = any_rows<std::uint32_t>(below(3) == 0 ? 1 + below(3000) : 1 + below(200));
    is_right(policy::Shelves(rows), rows, any_keys<std::uint32_t>(rows));
  });
}

TEST(Blocks, AreComparedWithManyKeysTheSameWithoutWideRegisters) {
  holds([] {
    const auto rows = any_rows<std::uint32_t>(1 + below(1200));
    std::vector<policy::Block> blocks((rows.size() + policy::Block::kLanes - 1) / policy::Block::kLanes);
    for (LineIndex line = 0; line < rows.size(); ++line) {
      blocks[line / policy::Block::kLanes].set(line % policy::Block::kLanes, rows[line], line);
    }
    const auto keys = any_keys<std::uint32_t>(rows);
    std::vector<policy::BlockRun> runs;
    for (std::size_t i = below(60); i > 0; --i) {
      const std::uint32_t begin = below(static_cast<std::uint32_t>(blocks.size()));
      const std::uint32_t most = static_cast<std::uint32_t>(blocks.size()) - begin;
      runs.push_back({below(static_cast<std::uint32_t>(keys.size())), begin, below(most + 1)});
    }
    std::vector<LineIndex> best;
    for (std::size_t i = 0; i < keys.size(); ++i) best.push_back(below(2) == 0 ? kNoLine : below(1200));
    auto best_anywhere = best;
    policy::first_in(blocks.data(), runs, keys, best);
    policy::first_in_anywhere(blocks.data(), runs, keys, best_anywhere);
    RC_ASSERT(best == best_anywhere);
  });
}

TYPED_TEST(LookUp, TuplesAreRightHoweverFewLinesThereAre) {
  holds([] {
    const auto rows = any_rows<TypeParam>(1 + below(400));
    is_right(policy::Tuples<TypeParam>(rows), rows, any_keys<TypeParam>(rows));
  });
}

TYPED_TEST(LookUp, ProbesTheSameWithoutWideRegisters) {
  static constexpr std::size_t kCount = policy::kWords<TypeParam>;
  holds([] {
    policy::TupleLanes<kCount> tuples;
    const auto any = [] { return static_cast<std::uint32_t>(random_numbers()()); };
    for (std::size_t lane = 0; lane < 16; ++lane) {
      for (auto& masks : tuples.masks) masks[lane] = any() & any();
      tuples.first_bucket[lane] = below(64);
      tuples.shift[lane] = 26 + below(6);
      tuples.first_line[lane] = below(4);
    }
    std::vector<std::uint32_t> tags(128);
    for (auto& bits : tags) bits = any() | any();
    std::vector<std::array<std::uint32_t, kCount>> keys(below(policy::kProbedKeys + 1));
    std::vector<LineIndex> best;
    for (auto& key : keys) {
      for (auto& word : key) word = any();
      best.push_back(below(5));
    }
    policy::Candidates found{};
    policy::Candidates found_anywhere{};
    policy::probe<kCount>(tuples, tags.data(), keys, best, found);
    policy::probe_anywhere<kCount>(tuples, tags.data(), keys, best, found_anywhere);
    RC_ASSERT(found.count == found_anywhere.count);
    const auto used = [&found](const auto& all) {
      return std::vector(all.begin(), all.begin() + static_cast<long>(found.count));
    };
    RC_ASSERT(used(found.keys) == used(found_anywhere.keys));
    RC_ASSERT(used(found.buckets) == used(found_anywhere.buckets));
  });
}

TEST(Blocks, AreTheSameWithoutWideRegisters) {
  holds([] {
    const auto rows = any_rows<std::uint32_t>(1 + below(100));
    std::vector<policy::Block> blocks((rows.size() + policy::Block::kLanes - 1) / policy::Block::kLanes);
    for (LineIndex i = 0; i < rows.size(); ++i) blocks[i / 16].set(i % 16, rows[i], i);
    const LineIndex before = below(120);
    for (const auto& key : any_keys<std::uint32_t>(rows)) {
      RC_ASSERT(policy::first_in(blocks, key, before) == std::min(before, model(rows, key)));
      RC_ASSERT(policy::first_in_anywhere(blocks, key, before) == std::min(before, model(rows, key)));
    }
  });
}

// Written once more: a flow of both takes an address at either end, a protocol and ports that both allow.
template <class Word>
bool share_a_flow(const Row<Word>& one, const Row<Word>& other) {
  const auto meet = [](auto value, auto mask, auto other_value, auto other_mask) {
    return (value & mask & other_mask) == (other_value & mask & other_mask);
  };
  const auto ports_meet = [](base::PortRange some, base::PortRange others) {
    return std::max(some.lo, others.lo) <= std::min(some.hi, others.hi);
  };
  return meet(one.local, one.local_mask, other.local, other.local_mask) &&
         meet(one.remote, one.remote_mask, other.remote, other.remote_mask) &&
         meet(one.protocol, one.protocol_mask, other.protocol, other.protocol_mask) &&
         ports_meet(one.local_port, other.local_port) && ports_meet(one.remote_port, other.remote_port);
}

TYPED_TEST(LookUp, ATreeFindsAllThatShareAFlow) {
  holds([] {
    const auto rows = any_rows<TypeParam>(below(700));
    const policy::LineTree<TypeParam> tree(rows);
    for (int i = 0; i < 20; ++i) {
      const auto box = any_row<TypeParam>();
      const std::uint32_t before = below(800);
      std::vector<std::uint32_t> expected;
      for (const auto& row : rows) {
        if (row.rule < before && share_a_flow(row, box)) expected.push_back(row.rule);
      }
      std::vector<std::uint32_t> found;
      tree.visit_overlapping(box, before, [&](const Row<TypeParam>& row) {
        RC_ASSERT(row == rows[row.rule]);
        found.push_back(row.rule);
        return true;
      });
      std::ranges::sort(found);
      RC_ASSERT(found == expected);
      std::size_t visits = 0;
      const std::size_t enough = 1 + below(3);
      tree.visit_overlapping(box, before, [&](const Row<TypeParam>&) { return ++visits < enough; });
      RC_ASSERT(visits == std::min(enough, expected.size()));
    }
  });
}

/// More than shelves take: no byte tells the last ones apart.
template <class Word>
std::vector<Row<Word>> rows_for_tuples() {
  auto rows = any_rows<Word>(1900);
  for (std::size_t i = 1200; i < rows.size(); ++i) {
    rows[i] = {};
    rows[i].local_port = {static_cast<std::uint16_t>(i), 65535};
    rows[i].rule = static_cast<std::uint32_t>(i);
  }
  return rows;
}

// Edits one after the other, each of the snapshot that the last one made: replaced, put in, taken out.
TYPED_TEST(LookUp, AnEditedOneAnswersAsOneBuiltAnew) {
  const auto first_rows = rows_for_tuples<TypeParam>();
  const Lines<TypeParam> first(first_rows);
  holds([&] {
    auto rows = first_rows;
    auto lines = first;
    for (int edit = 0; edit < 2; ++edit) {
      const std::uint32_t changes = below(4);
      for (std::uint32_t i = 0; i < changes; ++i) {
        const auto at = rows.begin() + static_cast<long>(below(static_cast<std::uint32_t>(rows.size())));
        const std::uint32_t kind = below(4);
        if (kind < 2) *at = any_row<TypeParam>();
        if (kind == 2) rows.insert(at, any_row<TypeParam>());
        if (kind == 3) rows.erase(at);
      }
      for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i].rule = i;
      lines = Lines<TypeParam>(rows, lines);
      RC_ASSERT(lines.tuples() != 0);
      RC_ASSERT(lines.size() == rows.size());
      is_right(lines, rows, any_keys<TypeParam>(rows));
    }
    for (LineIndex line = 0; line < rows.size(); ++line) RC_ASSERT(lines.row(line) == rows[line]);
  });
}

// Thousands of edits in a row: most are edits indeed, what they leave behind makes it be built anew in time, and it
// neither grows nor goes wrong meanwhile. Lines of shapes that no tuple has come and go, too.
TYPED_TEST(LookUp, ThousandsOfEditsStayRightAndSmall) {
  random_numbers().seed(1);
  auto rows = any_rows<TypeParam>(1500);
  policy::Tuples<TypeParam> tuples(rows);
  const std::size_t memory = tuples.memory();
  const std::size_t size = tuples.size();
  int built = 0;
  for (int edit = 1; edit <= 3000; ++edit) {
    const LineIndex line = below(static_cast<std::uint32_t>(rows.size()));
    auto after = any_row<TypeParam>();
    after.rule = line;
    if (auto edited = tuples.edited({{rows[line]}, {after}, line, line + 1, line + 1})) {
      tuples = *std::move(edited);
      rows[line] = after;
    } else {
      rows[line] = after;
      tuples = policy::Tuples<TypeParam>(rows);
      ++built;
    }
    ASSERT_LE(tuples.memory(), 3 * memory) << edit;
    ASSERT_LE(tuples.size(), 2 * size + 16) << edit;
    if (edit % 250 != 0) continue;
    for (const auto& key : any_keys<TypeParam>(rows)) ASSERT_EQ(tuples.first(key), model(rows, key)) << edit;
  }
  EXPECT_GT(built, 0) << "what edits leave behind is bounded";
  EXPECT_LT(built, 3000 / 20) << "an edit is the ordinary case";
}

}  // namespace policy_property

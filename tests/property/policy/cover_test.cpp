// Whether lines cover a box together, against every flow of the universe.
#include "policy/cover.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <vector>

#include "policy/outside.hpp"
#include "policy/rows.hpp"
#include "property/policy/universe.hpp"

namespace policy_property {

using namespace universe;
using policy::Cover;
using policy::Coverage;
using policy::RowV4;

namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 24;

std::vector<RowV4> rows_of(const std::vector<Selector>& lines) {
  std::vector<RowV4> rows;
  for (const Selector& line : lines) rows.push_back(policy::to_row<std::uint32_t>(line, 0));
  return rows;
}

Cover cover(const Selector& box, const std::vector<Selector>& lines, std::size_t work = kPlenty) {
  return policy::cover<std::uint32_t>(policy::to_row<std::uint32_t>(box, 0), rows_of(lines), work);
}

bool is_covered(const Selector& box, const std::vector<Selector>& lines) {
  return std::ranges::none_of(all_flows(), [&](const Flow& flow) {
    return is_in(box, flow) && std::ranges::none_of(lines, [&](const Selector& line) { return is_in(line, flow); });
  });
}

// As many as cover something together now and then.
rc::Gen<std::vector<Selector>> any_lines() {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 40),
                         [](std::size_t count) { return rc::gen::container<std::vector<Selector>>(count, any_box()); });
}

// A box cut in two, and the halves again, some of them once more or a little narrower: covers that take several lines.
std::vector<Selector> cut(const Selector& box, int depth) {
  if (depth == 0) return {box};
  Selector one = box;
  Selector other = box;
  const auto side = *rc::gen::element(&Selector::local, &Selector::remote);
  const auto bit = base::Uint128{1} << *rc::gen::inRange(0, 3);
  if (((box.*side).mask() & bit) != 0) return {box};
  const auto mask = (box.*side).mask() | bit;
  const auto value = (box.*side).address().value();
  one.*side = {base::Address(base::Family::kV4, value), mask};
  other.*side = {base::Address(base::Family::kV4, value | bit), mask};
  auto all = cut(one, depth - 1);
  const auto more = cut(other, depth - 1);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

RC_GTEST_PROP(Cover, IsWholeWhenNoFlowOfTheBoxIsLeft, ()) {
  const auto box = *any_box();
  const auto lines = *any_lines();
  const Cover found = cover(box, lines);
  RC_CLASSIFY(found.coverage == Coverage::kWhole);
  RC_ASSERT(found.coverage == (is_covered(box, lines) ? Coverage::kWhole : Coverage::kPart));
}

RC_GTEST_PROP(Cover, IsFoundInPieces, ()) {
  const auto box = *any_box();
  auto lines = cut(box, *rc::gen::inRange(1, 5));
  RC_ASSERT(cover(box, lines).coverage == Coverage::kWhole);
  lines.erase(lines.begin() + *rc::gen::inRange<long>(0, static_cast<long>(lines.size())));
  RC_ASSERT(cover(box, lines).coverage == (is_covered(box, lines) ? Coverage::kWhole : Coverage::kPart));
}

RC_GTEST_PROP(Cover, NamesLinesThatAreEnough, ()) {
  const auto box = *any_box();
  auto lines = cut(box, *rc::gen::inRange(0, 5));
  const auto more = *any_lines();
  lines.insert(lines.end(), more.begin(), more.end());
  const Cover found = cover(box, lines);
  RC_ASSERT(found.coverage == Coverage::kWhole);
  RC_ASSERT(std::ranges::is_sorted(found.by));
  std::vector<Selector> named;
  for (const std::size_t index : found.by) named.push_back(lines.at(index));
  RC_ASSERT(is_covered(box, named));
}

// Products, of which several often cover one together.
rc::Gen<std::vector<base::SelectorList>> any_products() {
  const auto product = rc::gen::map(rc::gen::tuple(any_box(), any_addresses(), any_addresses()), [](const auto& parts) {
    const auto& [box, local, remote] = parts;
    auto list = base::SelectorList::of(box);
    list.local.push_back({local, box.local_port});
    list.remote.push_back({remote, box.remote_port});
    return list;
  });
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 8), [product](std::size_t count) {
    return rc::gen::container<std::vector<base::SelectorList>>(count, product);
  });
}

std::vector<Selector> boxes_of(const std::vector<base::SelectorList>& lists) {
  std::vector<Selector> all;
  for (const auto& list : lists) {
    const auto boxes = list.boxes();
    all.insert(all.end(), boxes.begin(), boxes.end());
  }
  return all;
}

// What is named as left over is in one of the lists and in none of the others, and it is named when there is any.
RC_GTEST_PROP(Outside, NamesWhatIsLeft, ()) {
  auto lists = *any_products();
  if (lists.size() > 1) lists.resize(1);
  const auto others = *any_products();
  const policy::Outside found = policy::outside(lists, others);
  const auto boxes = boxes_of(lists);
  const auto held = boxes_of(others);
  const bool whole = std::ranges::all_of(boxes, [&](const Selector& box) { return is_covered(box, held); });
  RC_CLASSIFY(whole && !boxes.empty());
  RC_ASSERT(found.coverage == (whole ? Coverage::kWhole : Coverage::kPart));
  RC_ASSERT(found.part.has_value() == !whole);
  if (!found.part) return;
  RC_ASSERT(std::ranges::any_of(boxes, [&](const Selector& box) { return box.covers(*found.part); }));
  RC_ASSERT(std::ranges::none_of(held, [&](const Selector& other) { return other.overlaps(*found.part); }));
}

// The boxes of a list are found to be one again, whatever their order.
RC_GTEST_PROP(Lists, AreFoundFromTheirBoxes, ()) {
  auto lists = *any_products();
  RC_PRE(!lists.empty());
  auto boxes = lists.front().boxes();
  std::ranges::reverse(boxes);
  const auto found = base::lists_of(boxes);
  const bool twice =
      std::ranges::any_of(boxes, [&](const Selector& box) { return std::ranges::count(boxes, box) > 1; });
  RC_ASSERT(twice || found.size() == 1);
  const auto again = boxes_of(found);
  RC_ASSERT(std::ranges::is_permutation(again, boxes));
}

// The bound takes away answers, never their truth; and what it says that it used is at most what it was given.
RC_GTEST_PROP(Cover, IsUnknownForWantOfWorkOnly, ()) {
  const auto box = *any_box();
  const auto lines = *any_lines();
  const Cover whole = cover(box, lines);
  const auto given = *rc::gen::inRange<std::size_t>(0, 200);
  std::size_t work = given;
  const Cover found = policy::cover<std::uint32_t>(policy::to_row<std::uint32_t>(box, 0), rows_of(lines), work);
  RC_ASSERT(work <= given);
  RC_ASSERT(found == whole || found == (Cover{Coverage::kUnknown, {}}));
  RC_ASSERT(whole.coverage != Coverage::kUnknown);
}

}  // namespace policy_property

// Which of many pieces touch a short list of prefixes: one side of a product against all its holes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "policy/piece.hpp"

namespace policy {

/// Prefixes as runs of addresses, in order, so that one that none of them is near is found out by halving. The prefixes
/// must stay.
template <class Word>
class Touch {
 public:
  explicit Touch(std::span<const Piece<Word>> prefixes) : prefixes_(prefixes) {
    std::vector<std::pair<Word, Word>> runs;
    runs.reserve(prefixes.size());
    for (const Piece<Word>& one : prefixes) {
      runs.emplace_back(one.value, static_cast<Word>(one.value | ~one.mask));
      all_ports_ = all_ports_ && one.port.is_any();
    }
    std::ranges::sort(runs);
    for (const auto& [first, last] : runs) {
      if (!lasts_.empty() && first <= lasts_.back()) {
        lasts_.back() = std::max(lasts_.back(), last);
      } else {
        firsts_.push_back(first);
        lasts_.push_back(last);
      }
    }
  }

  /// True when one of them shares a point with `piece`, which may have any mask.
  [[nodiscard]] bool operator()(const Piece<Word>& piece) const {
    const Word last = piece.value | ~piece.mask;
    const std::size_t run = runs_before(piece.value);
    if (run == lasts_.size() || firsts_[run] > last) return false;
    if ((all_ports_ || piece.port.is_any()) && is_prefix(piece.mask)) return true;
    return std::ranges::any_of(prefixes_, [&piece](const Piece<Word>& one) { return one.meets(piece); });
  }

 private:
  // Without a jump for each half: where a hole lies is for chance.
  [[nodiscard]] std::size_t runs_before(Word address) const {
    const Word* at = lasts_.data();
    for (std::size_t left = lasts_.size(); left > 0;) {
      const std::size_t half = (left + 1) / 2;
      at += half & (std::size_t{0} - static_cast<std::size_t>(at[half - 1] < address));
      left -= half;
    }
    return static_cast<std::size_t>(at - lasts_.data());
  }

  std::span<const Piece<Word>> prefixes_;
  std::vector<Word> firsts_;
  std::vector<Word> lasts_;
  bool all_ports_ = true;
};

}  // namespace policy

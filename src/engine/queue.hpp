// What is to be done, in order.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace engine {

/// First in, first out. Made for a few items that are all taken before more come: they use the same memory each time.
template <class T>
class Queue {
 public:
  template <class... Arguments>
  void emplace(Arguments&&... arguments) {
    items_.emplace_back(std::forward<Arguments>(arguments)...);
  }
  /// The first one; nothing when there is none.
  std::optional<T> take() {
    std::optional<T> first;
    if (is_empty()) return first;
    first.emplace(std::move(items_[taken_]));
    if (++taken_ == items_.size()) clear();
    return first;
  }
  [[nodiscard]] bool is_empty() const { return items_.empty(); }

 private:
  /// Room beyond this many is given back.
  static constexpr std::size_t kKept = 8;

  void clear() {
    items_.clear();
    taken_ = 0;
    if (items_.capacity() > kKept) items_ = {};
  }

  std::vector<T> items_;
  std::size_t taken_ = 0;
};

}  // namespace engine

// What is to be done, in order.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace engine {

/// First in, first out. Made for a few items that are all taken before more come: they use the same memory each time.
template <class T>
class Queue {
 public:
  template <class... Arguments>
  void emplace(Arguments&&... arguments) {
    if (is_empty()) clear();
    items_.emplace_back(std::forward<Arguments>(arguments)...);
  }
  /// The first one, to be moved from; null when there is none. Until the next call of either.
  T* take() {
    if (is_empty()) {
      clear();
      return nullptr;
    }
    return &items_[taken_++];
  }
  [[nodiscard]] bool is_empty() const { return taken_ == items_.size(); }

 private:
  /// Room beyond this many is given back.
  static constexpr std::size_t kKept = 8;

  void clear() {
    items_.clear();
    taken_ = 0;
    if (items_.capacity() > kKept) items_ = {};
  }

  std::vector<T> items_;
  std::size_t taken_ = 0;  ///< of those in front, which wait to be cleared away
};

}  // namespace engine

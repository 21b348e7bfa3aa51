// What was dealt with lately, bounded: the one that was left alone for longest makes room.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace base {

template <class Key, class Value>
class Recent {
 public:
  /// At most `most` keys are told apart; 1 or more.
  explicit Recent(std::size_t most) : most_(most) {}

  /// That key's value, a new one if it is not known; it is the latest now. Stays where it is until it makes room.
  Value& touch(const Key& key) {
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
      latest_first_.splice(latest_first_.begin(), latest_first_, known->second);
      return latest_first_.front().second;
    }
    if (latest_first_.size() >= most_) {
      by_key_.erase(latest_first_.back().first);
      latest_first_.pop_back();
    }
    latest_first_.emplace_front(key, Value{});
    by_key_[key] = latest_first_.begin();
    return latest_first_.front().second;
  }
  /// Null when it is not known; it gets no later by that.
  [[nodiscard]] const Value* find(const Key& key) const {
    const auto known = by_key_.find(key);
    return known == by_key_.end() ? nullptr : &known->second->second;
  }

 private:
  using Values = std::list<std::pair<Key, Value>>;

  std::size_t most_;
  Values latest_first_;
  std::unordered_map<Key, typename Values::iterator> by_key_;
};

}  // namespace base

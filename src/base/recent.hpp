// What was dealt with lately, bounded: the one that was left alone for longest makes room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <utility>

#include "base/fetch.hpp"
#include "base/flat_index.hpp"

namespace base {

/// `Hash`: as std::hash; with a secret where others choose the keys.
template <class Key, class Value, class Hash = std::hash<Key>>
class Recent {
 public:
  /// At most `most` keys are told apart; 1 or more. Each that makes room adds one to `forgotten`, which lives longer.
  explicit Recent(std::size_t most, std::uint64_t& forgotten, Hash hash = {})
      : most_(most), forgotten_(forgotten), hash_(hash) {}
  /// Where nothing is lost by that: whoever touches a new key makes sure of it (next_to_go).
  explicit Recent(std::size_t most, Hash hash = {}) : Recent(most, unseen_, hash) {}
  Recent(const Recent&) = delete;
  Recent& operator=(const Recent&) = delete;

  /// That key's value, a new one if it is not known; it is the latest now. Stays where it is until it makes room.
  Value& touch(const Key& key) {
    const std::uint64_t hash = hash_(key);
    if (const auto* const known = by_key_.find(hash, is(key))) {
      latest_first_.splice(latest_first_.begin(), latest_first_, *known);
      return latest_first_.front().second;
    }
    if (latest_first_.size() >= most_) {
      const Key& last = latest_first_.back().first;
      by_key_.erase(hash_(last), is(last));
      latest_first_.pop_back();
      ++forgotten_;
    }
    latest_first_.emplace_front(key, Value{});
    by_key_.insert(hash, latest_first_.begin());
    return latest_first_.front().second;
  }
  [[nodiscard]] std::size_t size() const { return latest_first_.size(); }
  /// What makes room for the next key that is not known; null while there is some.
  [[nodiscard]] const Value* next_to_go() const {
    return latest_first_.size() < most_ ? nullptr : &latest_first_.back().second;
  }
  /// `visit(key, value)` for each, the latest first.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, value] : latest_first_) visit(key, value);
  }
  /// Nothing is known any more.
  void clear() {
    latest_first_.clear();
    by_key_.clear();
  }
  /// Asks for the memory that a look-up of the key begins with (base/fetch.hpp), and then, when that has come, for what
  /// it finds.
  void fetch(const Key& key) const { by_key_.fetch(hash_(key)); }
  void fetch_found(const Key& key) const {
    by_key_.visit(hash_(key), [](const Place& place) {
      base::fetch(*place);
      return true;
    });
  }
  /// Null when it is not known; it gets no later by that.
  [[nodiscard]] const Value* find(const Key& key) const {
    const auto* const known = by_key_.find(hash_(key), is(key));
    return known == nullptr ? nullptr : &(*known)->second;
  }

 private:
  using Values = std::list<std::pair<Key, Value>>;
  using Place = typename Values::iterator;

  static auto is(const Key& key) {
    return [&key](const Place& place) { return place->first == key; };
  }

  std::size_t most_;
  std::uint64_t unseen_ = 0;
  std::uint64_t& forgotten_;
  Hash hash_;
  Values latest_first_;
  FlatIndex<Place> by_key_;
};

}  // namespace base

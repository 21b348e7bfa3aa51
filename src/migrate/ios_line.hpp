// One line of an IOS extended access list.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/selector.hpp"
#include "migrate/ios_groups.hpp"

namespace migrate {

/// `permit` or `deny` and what follows. Local is the source: a crypto access list is written for what leaves. It
/// matches each service between each of its local and each of its remote networks: several services for `neq`, for `eq`
/// with a list and for object groups, several networks for these alone.
struct AccessLine {
  bool permit = false;
  Members<base::MaskedAddress> local;
  Members<base::MaskedAddress> remote;
  Members<Service> services;

  /// How many boxes that are, and each of them, from 0.
  [[nodiscard]] std::size_t size() const { return services->size() * local->size() * remote->size(); }
  [[nodiscard]] base::Selector box(std::size_t number) const;
};

/// The line that begins with the word `permit` or `deny`, or why it is no rule.
[[nodiscard]] base::Result<AccessLine, std::string> parse_access_line(std::span<const std::string_view> words,
                                                                      ObjectGroups& groups);

}  // namespace migrate

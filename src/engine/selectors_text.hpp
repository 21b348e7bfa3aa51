// Selectors of a tunnel, for people.
#pragma once

#include <string>
#include <vector>

#include "base/selector.hpp"

namespace engine {

[[nodiscard]] inline std::string text(const std::vector<base::Selector>& selectors) {
  std::string all;
  for (const base::Selector& selector : selectors) all += (all.empty() ? "" : ", ") + selector.text();
  return all;
}

}  // namespace engine

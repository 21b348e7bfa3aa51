// Objects whose members are anybody's names.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace control {

template <class T>
using NamedValues = std::vector<std::pair<std::string, T>>;

}  // namespace control

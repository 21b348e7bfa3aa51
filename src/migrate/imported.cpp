#include "migrate/imported.hpp"

#include <algorithm>
#include <utility>

namespace migrate {

namespace {

constexpr std::size_t kMaxName = 64;

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool Imported::lost() const {
  return std::ranges::any_of(findings, &Finding::lost);
}

void Imported::add_address(std::string_view text) {
  const auto address = base::Address::parse(text);
  if (!address || address->is_unspecified() || address->is_multicast() || address->is_broadcast() ||
      address->is_loopback()) {
    return;
  }
  std::string written = address->text();
  if (std::ranges::find(addresses, written) == addresses.end()) addresses.push_back(std::move(written));
}

std::string Names::unique(std::string_view wanted) {
  std::string base(wanted.substr(0, kMaxName - 8));
  std::ranges::replace_if(base, [](char c) { return !is_name_character(c); }, '-');
  if (base.empty()) base = "rule";
  std::string name = base;
  while (!taken_.try_emplace(name, 1).second) name = base + "." + std::to_string(++taken_[base]);
  return name;
}

}  // namespace migrate

#include "platform/pki/facts.hpp"

#include <algorithm>
#include <ctime>

namespace pki {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same(const Name& name, std::string_view text) {
  if (name.kind != NameKind::kDns) return name.text == text;
  return std::ranges::equal(name.text, text, {}, lower, lower);
}

}  // namespace

std::string text(Time time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm parts{};
  std::string text(32, '\0');
  if (::gmtime_r(&seconds, &parts) == nullptr) return "an unknown time";
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
  return text;
}

bool Facts::is_named(std::string_view name) const {
  return !name.empty() && std::ranges::any_of(names, [name](const Name& one) { return is_same(one, name); });
}

const Name& Facts::ike_name(std::span<const base::Address> preferred) const {
  const auto first = [this](auto matches) -> const Name* {
    const auto found = std::ranges::find_if(names, matches);
    return found == names.end() ? nullptr : &*found;
  };
  const Name* ours = first([preferred](const Name& name) {
    return name.kind == NameKind::kAddress &&
           std::ranges::any_of(preferred, [&name](const auto& address) { return address.text() == name.text; });
  });
  if (ours == nullptr) ours = first([](const Name& name) { return name.kind == NameKind::kDns; });
  return ours == nullptr ? names.front() : *ours;
}

}  // namespace pki

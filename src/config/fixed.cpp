#include "config/fixed.hpp"

#include <optional>
#include <utility>

namespace config {

namespace {

// As the file has them.
std::string text(const std::string& value) {
  return "\"" + value + "\"";
}
std::string text(const base::Address& address) {
  return text(address.text());
}
std::string text(Mode mode) {
  return mode == Mode::kObserve ? "\"observe\"" : "\"protect\"";
}
std::string text(Auth auth) {
  return auth == Auth::kCert ? "\"cert\"" : "\"psk\"";
}
std::string text(Shield shield) {
  switch (shield) {
    case Shield::kOff: return "\"off\"";
    case Shield::kAuto: return "\"auto\"";
    case Shield::kNative: return "\"native\"";
    case Shield::kGeneric: return "\"generic\"";
  }
  std::unreachable();
}
template <class T>
std::string text(const std::optional<T>& value) {
  return value ? text(*value) : "none";
}
template <class T>
std::string text(const std::vector<T>& values) {
  std::string all;
  for (const T& value : values) all += (all.empty() ? "" : ", ") + text(value);
  return "[" + all + "]";
}

}  // namespace

std::vector<std::string> fixed_changes(const Config& running, const Config& fresh) {
  std::vector<std::string> changes;
  const auto compare = [&changes](const char* section, const char* key, const auto& before, const auto& after) {
    if (before == after) return;
    changes.push_back("'" + std::string(key) + "' of " + section +
                      " cannot change while tedd runs: it was started with " + text(before) +
                      ", and the file now has " + text(after) +
                      "; restart tedd (systemctl restart tedd), or put back what was there and reload");
  };
  const auto gateway = [&](const char* key, const auto Gateway::* member) {
    compare("[gateway]", key, running.gateway.*member, fresh.gateway.*member);
  };
  gateway("mode", &Gateway::mode);
  gateway("addresses", &Gateway::addresses);
  gateway("interfaces", &Gateway::interfaces);
  gateway("control", &Gateway::control);
  gateway("readers", &Gateway::readers);
  gateway("metrics", &Gateway::metrics);
  gateway("shield", &Gateway::shield);
  compare("[ike]", "socket", running.ike.socket, fresh.ike.socket);
  compare("[ike]", "auth", running.ike.auth, fresh.ike.auth);
  return changes;
}

}  // namespace config

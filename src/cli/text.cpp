#include "cli/text.hpp"

#include <fmt/format.h>

namespace cli {

std::string span_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000;
  if (seconds < 1) return fmt::format("{} ms", milliseconds);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds % 86400 / 3600);
}

std::string peer_text(const base::Address& peer, const std::optional<std::string>& identity) {
  return identity && !identity->empty() ? peer.text() + " (" + *identity + ")" : peer.text();
}

std::string or_dash(const std::optional<std::string>& text) {
  return text.value_or("-");
}

std::string pending_state(const control::Pending& pending) {
  return pending.state + (pending.open.value_or(false) ? ", open in the clear" : "");
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::string joined(const std::vector<base::Selector>& selectors, const char* between) {
  std::vector<std::string> parts;
  parts.reserve(selectors.size());
  for (const auto& selector : selectors) parts.push_back(selector.text());
  return joined(parts, between);
}

}  // namespace cli

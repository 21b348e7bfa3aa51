#include "cli/load_policy.hpp"

#include "cli/output.hpp"
#include "config/config.hpp"

namespace cli {

std::optional<policy::Snapshot> load_policy(const std::string& file) {
  auto loaded = config::load(file);
  if (loaded) return policy::Snapshot(std::move(loaded->rules));
  for (const auto& error : loaded.error()) remark(error.text());
  return std::nullopt;
}

}  // namespace cli

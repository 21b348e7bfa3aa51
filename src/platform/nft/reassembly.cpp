#include "platform/nft/reassembly.hpp"

#include <span>
#include <string>

namespace nft {
namespace {

std::string trial(std::span<const std::string_view> rules) {
  static constexpr std::string_view kTable = "inet opented_trial";
  std::string text = "table " + std::string(kTable) + " {\n\tchain trial {\n";
  for (const std::string_view rule : rules) text.append(rule).append("\n");
  return text + "\t}\n}\ndelete table " + std::string(kTable) + "\n";
}

}  // namespace

base::Result<bool, Error> can_reassemble(Client& client) {
  if (client.run(trial(kReassemblyRules))) return true;
  if (auto done = client.run(trial({})); !done) return std::unexpected(std::move(done).error());
  return false;
}

}  // namespace nft

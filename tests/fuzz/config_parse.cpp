// Any bytes are a configuration or a list of mistakes with their places; what is accepted keeps its promises.
#include <set>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "fuzz/fuzz.hpp"
#include "support/document_text.hpp"

namespace {

void check_rule(const policy::Rule& rule) {
  require(!rule.name.empty() && !rule.local.empty() && !rule.remote.empty() && rule.source_line > 0);
  const bool limits = !rule.local_port.is_any() || !rule.remote_port.is_any();
  require(!limits || (rule.protocol && (has_ports(*rule.protocol) || is_icmp(*rule.protocol))));
  require(rule.local_port.lo <= rule.local_port.hi && rule.remote_port.lo <= rule.remote_port.hi);
}

/// In pieces of a rule each, and by the TOML library alone.
void check_document(std::string_view text) {
  require(document_text::text_in_pieces(text, 1) == document_text::text(config::read_document(text)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check_document(text);
  const auto parsed = config::parse(text, "fuzz.toml");
  if (!parsed) {
    require(!parsed.error().empty());
    for (const auto& error : parsed.error()) {
      require(error.line > 0 && error.column > 0 && !error.message.empty());
      require(error.text().starts_with("fuzz.toml:" + std::to_string(error.line) + ":"));
    }
    return 0;
  }
  require(!parsed->gateway.addresses.empty() && !parsed->gateway.interfaces.empty());
  std::set<std::string_view> names;
  for (const auto& rule : parsed->rules) {
    check_rule(rule);
    require(names.insert(rule.name).second);
  }
  return 0;
}

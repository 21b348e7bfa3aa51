// Any bytes are a configuration of IOS and one of strongSwan, or become findings; what is made of them is a
// configuration of ours.
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "fuzz/fuzz.hpp"
#include "migrate/ios.hpp"
#include "migrate/swanctl.hpp"

namespace {

void check(const migrate::Imported& imported) {
  for (const migrate::Finding& one : imported.findings) require(!one.reason.empty());
  const auto parsed = config::parse(migrate::toml_of(imported, "fuzz"), "fuzz.toml");
  require(parsed.has_value() && parsed->rules.size() == imported.rules.size());
  for (std::size_t i = 0; i < imported.rules.size(); ++i) {
    policy::Rule rule = imported.rules[i].rule;
    rule.source_line = parsed->rules[i].source_line;
    require(rule == parsed->rules[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check(migrate::import_ios(text));
  check(migrate::import_swanctl(text));
  return 0;
}

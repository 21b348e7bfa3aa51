// `tedctl pki show`: what certificates say.
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/pki_folder.hpp"
#include "cli/text.hpp"
#include "platform/pki/declared_blocks.hpp"

namespace cli {

namespace {

using control::Json;

std::string blocks_text(const pki::Certificate& certificate) {
  const auto declared = pki::declared_blocks(certificate);
  if (!declared) return "damaged";
  if (!*declared) return "none: it says nothing of addresses";
  std::string all = (*declared)->explicit_ones.empty() ? "" : (*declared)->explicit_ones.text();
  for (const auto& [inherits, family] :
       {std::pair((*declared)->inherits_v4, "IPv4"), {(*declared)->inherits_v6, "IPv6"}}) {
    if (inherits) all += std::string(all.empty() ? "" : ", ") + family + " as its issuer has";
  }
  return all.empty() ? "nothing" : all;
}

std::vector<std::string> names_of(const pki::Certificate& certificate) {
  std::vector<std::string> names;
  for (const pki::Name& name : certificate.names()) names.push_back(name.text);
  return names;
}

Json json_of(const pki::Certificate& one) {
  Json names = Json::array();
  for (const std::string& name : names_of(one)) names.push(name);
  Json json = Json::object();
  json.add("subject", one.subject()).add("issuer", one.issuer()).add("serial", one.serial());
  json.add("names", std::move(names)).add("key", one.key_kind()).add("authority", one.is_authority());
  json.add("not_before", pki::text(one.not_before())).add("not_after", pki::text(one.not_after()));
  json.add("blocks", blocks_text(one));
  return json;
}

void show(const pki::Certificate& one) {
  print_pairs({{"subject", one.subject()},
               {"issuer", one.issuer()},
               {"serial", one.serial()},
               {"names", joined(names_of(one), ", ")},
               {"key", one.key_kind()},
               {"authority", one.is_authority() ? "yes" : "no"},
               {"valid", pki::text(one.not_before()) + " to " + pki::text(one.not_after())},
               {"address blocks", blocks_text(one)}});
}

}  // namespace

ExitStatus run_pki_show(const Context& context, const PkiOptions& options) {
  Json list = Json::array();
  for (const std::string& file : options.files) {
    const auto all = pki::Certificate::load(file);
    if (!all) {
      complain(told(all.error()));
      return ExitStatus::kNo;
    }
    for (const pki::Certificate& one : *all) {
      if (context.json) {
        list.push(json_of(one));
      } else {
        show(one);
      }
    }
  }
  if (context.json) print_json(list);
  return ExitStatus::kOk;
}

}  // namespace cli

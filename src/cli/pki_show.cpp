// `tedctl pki show`: what certificates and revocation lists say.
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/pki_folder.hpp"
#include "cli/text.hpp"
#include "platform/pki/declared_blocks.hpp"
#include "platform/pki/revocation_report.hpp"

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

Json json_of(const pki::RevocationReport& one) {
  Json revoked = Json::array();
  for (const std::string& serial : one.serials) revoked.push(serial);
  Json json = Json::object();
  json.add("issuer", one.issuer).add("made", pki::text(one.made));
  json.add("next_update", one.next ? Json(pki::text(*one.next)) : Json()).add("revoked", std::move(revoked));
  return json;
}

void show(const pki::RevocationReport& one) {
  const bool late = one.next && *one.next < wall_clock();
  print_pairs({{"revocations of", one.issuer},
               {"made", pki::text(one.made)},
               {"next list by", (one.next ? pki::text(*one.next) : "it does not say") +
                                    std::string(late ? ", which is past: it counts no more" : "")},
               {"revoked", one.serials.empty() ? "nothing" : joined(one.serials, ", ")}});
}

void show_all(const Context& context, const auto& all, Json& list) {
  for (const auto& one : all) {
    if (context.json) {
      list.push(json_of(one));
    } else {
      show(one);
    }
  }
}

/// False where the file is neither, and complained about.
bool show_file(const Context& context, const std::string& file, Json& list) {
  const auto certificates = pki::Certificate::load(file);
  if (certificates) {
    show_all(context, *certificates, list);
    return true;
  }
  if (const auto revocations = pki::read_revocations(file)) {
    show_all(context, *revocations, list);
    return true;
  }
  complain(told(certificates.error(), "give certificates or revocation lists, PEM or DER, that you may read"));
  return false;
}

}  // namespace

ExitStatus run_pki_show(const Context& context, const PkiOptions& options) {
  Json list = Json::array();
  for (const std::string& file : options.files) {
    if (!show_file(context, file, list)) return ExitStatus::kNo;
  }
  if (context.json) print_json(list);
  return ExitStatus::kOk;
}

}  // namespace cli

// `tedctl pki revoke`: the authority's revocation list, with more in it, or anew.
#include <filesystem>
#include <utility>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/pki_folder.hpp"
#include "platform/pki/file.hpp"
#include "platform/pki/issue.hpp"
#include "platform/pki/limits.hpp"

namespace cli {

namespace {

constexpr unsigned kDays = 365;

base::Result<std::vector<std::string>, base::TextError> serials_of(const std::vector<std::string>& files,
                                                                   const Authority& authority) {
  std::vector<std::string> serials;
  for (const std::string& file : files) {
    const auto all = pki::Certificate::load(file);
    if (!all)
      return std::unexpected(told(all.error(), "give certificates of this authority, PEM or DER, that you may read"));
    const pki::Certificate& one = all->front();
    if (one.issuer() != authority.certificate.subject()) {
      return std::unexpected(
          base::TextError{file + " is of " + one.issuer() + ", not of " + authority.certificate.subject(),
                          "each authority revokes its own"});
    }
    serials.push_back(one.serial());
  }
  return serials;
}

base::Result<Made, base::TextError> make(const PkiOptions& options) {
  TED_TRY(const Authority authority, load_authority(options.authority));
  TED_TRY(const auto serials, serials_of(options.files, authority));
  const std::string path = options.authority + "/ca.crl";
  pki::Secret before;
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    auto read = pki::read_file(path, pki::kMaxRevocations, pki::Access::kAnybody);
    if (!read)
      return std::unexpected(
          told(read.error(), "it must be a list that you may read; move it away to begin a new one"));
    before = *std::move(read);
  }
  const pki::Time now = wall_clock();
  const pki::Time next = now + std::chrono::days(options.days.value_or(kDays));
  const auto list = pki::revoke(authority.certificate, authority.key, before.view(), serials, now - kClockSkew, next);
  if (!list)
    return std::unexpected(
        base::TextError{path + ": " + list.error().message,
                        "move it away to begin a new list, and name all revoked certificates again"});
  if (auto written = pki::write_file(path, *list, 0644); !written)
    return std::unexpected(told(written.error(), kWritable));
  control::Json revoked = control::Json::array();
  for (const std::string& serial : serials) revoked.push(serial);
  control::Json json = control::Json::object();
  json.add("list", path).add("revoked", std::move(revoked)).add("next_update", pki::text(next));
  return Made{path + ": " + std::to_string(serials.size()) + " revoked now; holds until " + pki::text(next) +
                  ", and is to be written anew before that; copy it to every gateway and reload",
              std::move(json)};
}

}  // namespace

ExitStatus run_pki_revoke(const Context& context, const PkiOptions& options) {
  return finish(context, make(options));
}

}  // namespace cli

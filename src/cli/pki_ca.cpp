// `tedctl pki ca`: an authority for a lab or a small site.
#include <utility>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/pki_folder.hpp"
#include "platform/pki/issue.hpp"

namespace cli {

namespace {

constexpr unsigned kDays = 3650;

base::Result<Made, base::TextError> make(const PkiOptions& options) {
  const pki::Time now = wall_clock();
  const pki::Wanted wanted{.common_name = options.name,
                           .blocks = options.blocks,
                           .is_authority = true,
                           .not_before = now - kClockSkew,
                           .not_after = now + std::chrono::days(options.days.value_or(kDays))};
  const auto key = pki::PrivateKey::generate(options.key);
  if (!key) return std::unexpected(told(key.error(), "try --key ecdsa; OpenSSL has no such keys here"));
  const auto certificate = pki::issue_root(wanted, *key);
  if (!certificate)
    return std::unexpected(
        told(certificate.error(), "change --name, --blocks or --days; tedctl pki ca --help names them"));
  if (auto written = write_pair(options.out, "ca", *certificate, *key); !written) {
    return std::unexpected(std::move(written).error());
  }
  const std::string stem = options.out + "/ca";
  return Made{stem + ".pem: " + certificate->subject() + ", until " + pki::text(certificate->not_after()) + "; " +
                  stem + ".key signs gateways: keep it off them",
              made_json(stem, *certificate, options.blocks, stem + ".pem")};
}

}  // namespace

ExitStatus run_pki_ca(const Context& context, const PkiOptions& options) {
  return finish(context, make(options));
}

}  // namespace cli

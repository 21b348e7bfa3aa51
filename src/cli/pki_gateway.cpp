// `tedctl pki gateway`: a key and a certificate for one gateway.
#include <algorithm>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/pki_folder.hpp"
#include "platform/pki/file.hpp"
#include "platform/pki/issue.hpp"
#include "platform/pki/trust_store.hpp"

namespace cli {

namespace {

constexpr unsigned kDays = 365;
constexpr const char* kBetterAuthority =
    "see what the authority may give: tedctl pki show CA/ca.pem; --blocks must lie within its own, and it must be "
    "valid "
    "today";

// A certificate that gateways would refuse is not given out.
PkiResult check(const pki::Certificate& certificate, const pki::Certificate& authority, pki::Time now) {
  pki::TrustStore store;
  if (auto added = store.add_authority(authority); !added)
    return std::unexpected(told(added.error(), kBetterAuthority));
  const auto verified = store.verify(std::vector{certificate}, now);
  if (!verified) return std::unexpected(told(verified.error(), kBetterAuthority));
  return {};
}

base::Result<Made, base::TextError> make(const Context& context, const PkiOptions& options) {
  TED_TRY(const Authority authority, load_authority(options.authority));
  const pki::Time now = wall_clock();
  const pki::Time until = now + std::chrono::days(options.days.value_or(kDays));
  const pki::Wanted wanted{.common_name = options.name,
                           .dns_names = {options.name},
                           .addresses = options.addresses,
                           .blocks = options.blocks,
                           .not_before = std::max(now - kClockSkew, authority.certificate.not_before()),
                           .not_after = std::min(until, authority.certificate.not_after())};
  const auto key = pki::PrivateKey::generate(options.key);
  if (!key) return std::unexpected(told(key.error(), "try --key ecdsa; OpenSSL has no such keys here"));
  const auto certificate = pki::issue(wanted, *key, authority.certificate, authority.key);
  if (!certificate)
    return std::unexpected(told(certificate.error(),
                                "change --name, --address, --blocks or --days; tedctl pki gateway --help names them"));
  if (auto fine = check(*certificate, authority.certificate, now); !fine)
    return std::unexpected(std::move(fine).error());
  if (auto written = write_pair(options.out, options.name, *certificate, *key); !written) {
    return std::unexpected(std::move(written).error());
  }
  if (auto written = pki::write_file(options.out + "/ca.pem", authority.certificate.pem(), 0644); !written) {
    return std::unexpected(told(written.error(), kWritable));
  }
  if (!options.blocks && !context.json) {
    remark(options.name +
           " gets no addresses that it may speak for (--blocks): other gateways make no tunnel with it, "
           "unless a [[peer]] of theirs gives it some");
  }
  const std::string stem = options.out + "/" + options.name;
  const std::string signer = options.out + "/ca.pem";
  return Made{stem + ".pem: " + certificate->subject() + ", until " + pki::text(certificate->not_after()) + ", for " +
                  (options.blocks ? options.blocks->text() : "no addresses of its own") + "; " + stem + ".key; " +
                  signer,
              made_json(stem, *certificate, options.blocks, signer)};
}

}  // namespace

ExitStatus run_pki_gateway(const Context& context, const PkiOptions& options) {
  return finish(context, make(context, options));
}

}  // namespace cli

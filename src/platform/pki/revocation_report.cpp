#include "platform/pki/revocation_report.hpp"

#include <chrono>
#include <ctime>
#include <openssl/x509.h>

#include "base/hex.hpp"
#include "platform/pki/openssl.hpp"
#include "platform/pki/revocation_list.hpp"

namespace pki {

namespace {

std::optional<Time> moment_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  const std::chrono::year_month_day date(std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

std::string serial_of(const X509_REVOKED& revoked) {
  const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(&revoked);
  return base::to_hex(
      base::ByteView(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))));
}

RevocationReport report_of(X509_CRL& list) {
  RevocationReport report{.issuer = text_of(X509_CRL_get_issuer(&list)),
                          .made = moment_of(X509_CRL_get0_lastUpdate(&list)).value_or(Time{}),
                          .next = moment_of(X509_CRL_get0_nextUpdate(&list)),
                          .serials = {}};
  const STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(&list);
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    report.serials.push_back(serial_of(*sk_X509_REVOKED_value(revoked, i)));
  }
  return report;
}

}  // namespace

base::Result<std::vector<RevocationReport>, Error> read_revocations(const std::string& path) {
  TED_TRY(const auto lists, load_revocation_lists(path));
  std::vector<RevocationReport> reports;
  reports.reserve(lists.size());
  for (const X509CrlPtr& list : lists) reports.push_back(report_of(*list));
  return reports;
}

}  // namespace pki

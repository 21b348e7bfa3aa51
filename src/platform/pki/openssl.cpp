#include "platform/pki/openssl.hpp"

#include <array>
#include <chrono>
#include <climits>
#include <ctime>
#include <openssl/err.h>
#include <string_view>

namespace pki {

namespace {

constexpr unsigned long kForm = (ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN;

}  // namespace

BioPtr reader_of(base::ByteView bytes) {
  if (bytes.size() > INT_MAX) return nullptr;
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

base::ByteView written(BIO& bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(&bio, &data);  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): OpenSSL's macro
  if (length <= 0 || data == nullptr) return {};
  return {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(length)};
}

std::string last_words() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* words = code == 0 ? nullptr : ERR_reason_error_string(code);
  return words == nullptr ? "no reason given" : words;
}

bool is_p256(const EVP_PKEY& key) {
  std::array<char, 32> group{};
  return EVP_PKEY_is_a(&key, "EC") == 1 && EVP_PKEY_get_group_name(&key, group.data(), group.size(), nullptr) == 1 &&
         std::string_view(group.data()) == SN_X9_62_prime256v1;
}

// Escapes what separates, so that two names never print alike.
std::string text_of(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, kForm) < 0) return {};
  const base::ByteView bytes = written(*bio);
  return {bytes.begin(), bytes.end()};
}

std::optional<Time> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  const std::chrono::year_month_day date(std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

}  // namespace pki

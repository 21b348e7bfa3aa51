#include "wire/header.hpp"

#include <algorithm>

#include "wire/layout.hpp"
#include "wire/limits.hpp"

namespace wire {

namespace {

// Offsets of RFC 2408 figure 2.
constexpr std::size_t kInitiatorCookieAt = 0;
constexpr std::size_t kResponderCookieAt = 8;
constexpr std::size_t kVersionAt = 17;
constexpr std::size_t kExchangeAt = 18;
constexpr std::size_t kFlagsAt = 19;
constexpr std::size_t kMessageIdAt = 20;
constexpr std::size_t kLengthAt = 24;

std::unexpected<DecodeError> error(Error what, std::size_t offset) {
  return std::unexpected(DecodeError{what, offset});
}

// The caller has seen that the whole header is there.
void read_cookie(base::Reader& reader, Cookie& cookie) {
  std::ranges::copy(reader.view(cookie.size()).first<sizeof(Cookie)>(), cookie.begin());
}

Status check_cookies(const Header& header) {
  if (header.initiator_cookie == Cookie{}) return error(Error::kZeroInitiatorCookie, kInitiatorCookieAt);
  const bool set = header.responder_cookie != Cookie{};
  const bool probe = header.exchange == Exchange::kProbe;
  if (probe && set) return error(Error::kResponderCookieSet, kResponderCookieAt);
  if (!probe && !set) return error(Error::kZeroResponderCookie, kResponderCookieAt);
  return {};
}

Status check_length(std::size_t stated, std::size_t received) {
  if (stated < kHeaderLength) return error(Error::kLengthTooSmall, kLengthAt);
  if (stated > received) return error(Error::kTruncatedDatagram, kLengthAt);
  if (stated < received) return error(Error::kTrailingBytes, stated);
  return {};
}

}  // namespace

Status decode_header(base::ByteView datagram, Header& header) {
  if (datagram.size() > kMaxDatagramLength) return error(Error::kDatagramTooLong, kMaxDatagramLength);
  if (datagram.size() < kHeaderLength) return error(Error::kTruncatedHeader, datagram.size());
  base::Reader reader(datagram);
  read_cookie(reader, header.initiator_cookie);
  read_cookie(reader, header.responder_cookie);
  header.first_payload = reader.u8();
  if (reader.u8() != kIsakmpVersion) return error(Error::kNotIsakmpV1, kVersionAt);
  header.exchange = static_cast<Exchange>(reader.u8());
  if (header.exchange != Exchange::kProbe && header.exchange != Exchange::kResponse) {
    return error(Error::kUnknownExchange, kExchangeAt);
  }
  if (reader.u8() != 0) return error(Error::kFlagsSet, kFlagsAt);
  if (reader.u32() != 0) return error(Error::kMessageIdSet, kMessageIdAt);
  if (auto status = check_cookies(header); !status) return status;
  return check_length(reader.u32(), datagram.size());
}

}  // namespace wire

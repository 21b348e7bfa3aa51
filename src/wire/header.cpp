#include "wire/header.hpp"

#include <algorithm>
#include <optional>

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

Cookie read_cookie(base::Reader& reader) {
  Cookie cookie;
  std::ranges::copy(reader.view(cookie.size()), cookie.begin());
  return cookie;
}

std::optional<DecodeError> check_cookies(const Header& header) {
  if (header.initiator_cookie == Cookie{}) return DecodeError{Error::kZeroInitiatorCookie, kInitiatorCookieAt};
  const bool set = header.responder_cookie != Cookie{};
  const bool probe = header.exchange == Exchange::kProbe;
  if (probe && set) return DecodeError{Error::kResponderCookieSet, kResponderCookieAt};
  if (!probe && !set) return DecodeError{Error::kZeroResponderCookie, kResponderCookieAt};
  return std::nullopt;
}

std::optional<DecodeError> check_length(std::size_t stated, std::size_t received) {
  if (stated < kHeaderLength) return DecodeError{Error::kLengthTooSmall, kLengthAt};
  if (stated > received) return DecodeError{Error::kTruncatedDatagram, kLengthAt};
  if (stated < received) return DecodeError{Error::kTrailingBytes, stated};
  return std::nullopt;
}

}  // namespace

base::Result<Header, DecodeError> decode_header(base::ByteView datagram) {
  const auto error = [](Error what, std::size_t offset) { return std::unexpected(DecodeError{what, offset}); };
  if (datagram.size() > kMaxDatagramLength) return error(Error::kDatagramTooLong, kMaxDatagramLength);
  if (datagram.size() < kHeaderLength) return error(Error::kTruncatedHeader, datagram.size());
  base::Reader reader(datagram);
  Header header;
  header.initiator_cookie = read_cookie(reader);
  header.responder_cookie = read_cookie(reader);
  header.first_payload = reader.u8();
  if (reader.u8() != kIsakmpVersion) return error(Error::kNotIsakmpV1, kVersionAt);
  header.exchange = static_cast<Exchange>(reader.u8());
  if (header.exchange != Exchange::kProbe && header.exchange != Exchange::kResponse) {
    return error(Error::kUnknownExchange, kExchangeAt);
  }
  if (reader.u8() != 0) return error(Error::kFlagsSet, kFlagsAt);
  if (reader.u32() != 0) return error(Error::kMessageIdSet, kMessageIdAt);
  if (const auto wrong = check_cookies(header)) return std::unexpected(*wrong);
  if (const auto wrong = check_length(reader.u32(), datagram.size())) return std::unexpected(*wrong);
  return header;
}

}  // namespace wire

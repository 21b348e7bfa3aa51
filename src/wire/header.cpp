#include "wire/header.hpp"

#include <span>

#include "wire/layout.hpp"
#include "wire/limits.hpp"

namespace wire {

namespace {

// Offsets of RFC 2408 figure 2.
constexpr std::size_t kInitiatorCookieAt = 0;
constexpr std::size_t kVersionAt = 17;
constexpr std::size_t kExchangeAt = 18;
constexpr std::size_t kFlagsAt = 19;
constexpr std::size_t kMessageIdAt = 20;
constexpr std::size_t kLengthAt = 24;

// Reads a cookie, and says whether it is set: not zero. As a number, because that is one comparison.
bool read_cookie(base::Reader& reader, Cookie& cookie) {
  const std::uint64_t value = reader.u64();
  base::store(value, std::span(cookie));
  return value != 0;
}

// False when the type is not one of ours.
bool read_exchange(base::Reader& reader, Exchange& exchange) {
  const std::uint8_t type = reader.u8();
  exchange = type == static_cast<std::uint8_t>(Exchange::kProbe) ? Exchange::kProbe : Exchange::kResponse;
  return type == static_cast<std::uint8_t>(exchange);
}

// Whether a probe may have a responder cookie its capabilities say, which stand further on.
bool check_cookies(bool initiator_set, bool responder_set, Exchange exchange, DecodeError& error) {
  if (!initiator_set) return fail(error, Error::kZeroInitiatorCookie, kInitiatorCookieAt);
  const bool lacks = exchange == Exchange::kResponse && !responder_set;
  return lacks ? fail(error, Error::kZeroResponderCookie, kResponderCookieAt) : true;
}

bool check_length(std::size_t stated, std::size_t received, DecodeError& error) {
  if (stated < kHeaderLength) return fail(error, Error::kLengthTooSmall, kLengthAt);
  if (stated > received) return fail(error, Error::kTruncatedDatagram, kLengthAt);
  if (stated < received) return fail(error, Error::kTrailingBytes, stated);
  return true;
}

}  // namespace

bool decode_header(base::ByteView datagram, Header& header, DecodeError& error) {
  if (datagram.size() > kMaxDatagramLength) return fail(error, Error::kDatagramTooLong, kMaxDatagramLength);
  if (datagram.size() < kHeaderLength) return fail(error, Error::kTruncatedHeader, datagram.size());
  base::Reader reader(datagram);
  const bool initiator_set = read_cookie(reader, header.initiator_cookie);
  const bool responder_set = read_cookie(reader, header.responder_cookie);
  header.first_payload = reader.u8();
  if (reader.u8() != kIsakmpVersion) return fail(error, Error::kNotIsakmpV1, kVersionAt);
  if (!read_exchange(reader, header.exchange)) return fail(error, Error::kUnknownExchange, kExchangeAt);
  if (reader.u8() != 0) return fail(error, Error::kFlagsSet, kFlagsAt);
  if (reader.u32() != 0) return fail(error, Error::kMessageIdSet, kMessageIdAt);
  if (!check_cookies(initiator_set, responder_set, header.exchange, error)) return false;
  return check_length(reader.u32(), datagram.size(), error);
}

}  // namespace wire

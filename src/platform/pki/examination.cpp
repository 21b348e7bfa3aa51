#include "platform/pki/examination.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "platform/pki/limits.hpp"

namespace pki {

namespace {

enum class Type : std::uint8_t {
  kDescribe = 1,
  kExamine,
  kCheck,
  kDescribed = 0x81,
  kExamined,
  kChecked,
  kFailed,
  kReady = 0xc1,
  kUnfit,
};

/// As the first byte of a message has it; any byte may be there.
constexpr std::uint8_t byte_of(Type type) {
  return static_cast<std::uint8_t>(type);
}

/// In an answer: more names or ranges than fit a certificate of kMaxCertificate bytes and the authorities above it.
constexpr std::uint32_t kMaxParts = 4096;

void put(base::Writer& writer, base::ByteView block) {
  writer.u32(static_cast<std::uint32_t>(block.size()));
  writer.append(block);
}
void put(base::Writer& writer, std::string_view text) {
  put(writer, base::ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}
void put(base::Writer& writer, Time time) {
  writer.u64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

base::ByteView block(base::Reader& reader) {
  return reader.view(reader.u32());
}
std::string words(base::Reader& reader) {
  const base::ByteView bytes = block(reader);
  return {bytes.begin(), bytes.end()};
}
Time time(base::Reader& reader) {
  return Time{std::chrono::seconds(static_cast<std::int64_t>(reader.u64()))};
}

void put(base::Writer& writer, const Facts& facts) {
  put(writer, facts.subject);
  put(writer, facts.issuer);
  writer.u32(static_cast<std::uint32_t>(facts.names.size()));
  for (const Name& name : facts.names) {
    writer.u8(static_cast<std::uint8_t>(name.kind));
    put(writer, name.text);
  }
  put(writer, facts.not_before);
  put(writer, facts.not_after);
}

std::optional<Facts> facts(base::Reader& reader) {
  Facts facts{.subject = words(reader), .issuer = words(reader), .names = {}, .not_before = {}, .not_after = {}};
  const std::uint32_t count = reader.u32();
  if (count == 0 || count > kMaxParts) return std::nullopt;
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    const std::uint8_t kind = reader.u8();
    if (kind > static_cast<std::uint8_t>(NameKind::kSubject)) return std::nullopt;
    facts.names.push_back({static_cast<NameKind>(kind), words(reader)});
  }
  facts.not_before = time(reader);
  facts.not_after = time(reader);
  if (reader.failed()) return std::nullopt;
  return facts;
}

void put(base::Writer& writer, const base::AddressSet& set) {
  writer.u32(static_cast<std::uint32_t>(set.ranges().size()));
  for (const base::AddressRange& range : set.ranges()) {
    const bool is_v4 = range.first.family() == base::Family::kV4;
    writer.u8(is_v4 ? 4 : 16);
    writer.number(range.first.value(), is_v4 ? 4 : 16);
    writer.number(range.last.value(), is_v4 ? 4 : 16);
  }
}

std::optional<base::AddressSet> set(base::Reader& reader) {
  base::AddressSet set;
  const std::uint32_t count = reader.u32();
  if (reader.failed() || count > kMaxParts) return std::nullopt;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint8_t width = reader.u8();
    if (width != 4 && width != 16) return std::nullopt;
    const auto family = width == 4 ? base::Family::kV4 : base::Family::kV6;
    const base::Address first(family, reader.number(width));
    const base::Address last(family, reader.number(width));
    if (reader.failed() || last < first) return std::nullopt;
    set.add(base::AddressRange{first, last});
  }
  return set;
}

std::optional<Verified> verified(base::Reader& reader) {
  Verified verified{.blocks = std::nullopt, .until = time(reader)};
  const std::uint8_t has_blocks = reader.u8();
  if (reader.failed() || has_blocks > 1) return std::nullopt;
  if (has_blocks == 0) return verified;
  verified.blocks = set(reader);
  if (!verified.blocks) return std::nullopt;
  return verified;
}

Error nothing() {
  return {ErrorCode::kNotExamined, "the process that examines certificates answers what nobody understands"};
}

base::Writer message(Type type, RequestNumber number, std::size_t expected = 0) {
  base::Writer writer(expected + 16);
  writer.u8(byte_of(type));
  writer.u64(number);
  return writer;
}

base::Bytes failure(RequestNumber number, const Error& error) {
  base::Writer writer = message(Type::kFailed, number);
  writer.u8(static_cast<std::uint8_t>(error.code));
  put(writer, std::string_view(error.message).substr(0, kMaxExamination / 2));
  return std::move(writer).take();
}

base::Bytes incomplete(RequestNumber number) {
  return failure(number, {ErrorCode::kMalformed, "a request that is not whole"});
}

bool is_whole(const base::Reader& reader) {
  return !reader.failed() && reader.remaining() == 0;
}

/// Behind type and number of an answer of this type, or its error.
base::Result<base::Reader, Error> opened(base::ByteView answer, Type wanted) {
  base::Reader reader(answer);
  const std::uint8_t type = reader.u8();
  reader.u64();
  if (type == byte_of(wanted) && !reader.failed()) return reader;
  const std::uint8_t code = reader.u8();
  std::string message = words(reader);
  if (type != byte_of(Type::kFailed) || !is_whole(reader) || code >= static_cast<unsigned>(ErrorCode::kNotExamined)) {
    return std::unexpected(nothing());
  }
  return std::unexpected(Error{static_cast<ErrorCode>(code), std::move(message)});
}

base::Bytes describe(Examiner& examiner, RequestNumber number, base::Reader& reader) {
  const base::ByteView certificate = block(reader);
  if (!is_whole(reader)) return incomplete(number);
  const auto found = examiner.describe(certificate);
  if (!found) return failure(number, found.error());
  base::Writer writer = message(Type::kDescribed, number);
  put(writer, *found);
  return std::move(writer).take();
}

base::Bytes examine(Examiner& examiner, RequestNumber number, base::Reader& reader) {
  const Time now = time(reader);
  std::vector<base::ByteView> chain;
  while (reader.remaining() > 0 && !reader.failed() && chain.size() <= kMaxChain) chain.push_back(block(reader));
  if (!is_whole(reader)) return incomplete(number);
  const auto found = examiner.examine(chain, now);
  if (!found) return failure(number, found.error());
  base::Writer writer = message(Type::kExamined, number);
  put(writer, found->facts);
  put(writer, found->verified.until);
  writer.u8(found->verified.blocks ? 1 : 0);
  if (found->verified.blocks) put(writer, *found->verified.blocks);
  return std::move(writer).take();
}

base::Bytes check(Examiner& examiner, RequestNumber number, base::Reader& reader) {
  const base::ByteView certificate = block(reader);
  const base::ByteView bytes = block(reader);
  const base::ByteView signature = block(reader);
  if (!is_whole(reader)) return incomplete(number);
  const auto done = examiner.check_signature(certificate, bytes, signature);
  return done ? message(Type::kChecked, number).take() : failure(number, done.error());
}

/// The type of the answer to a request of that type, when it succeeds.
std::uint8_t success_of(std::uint8_t request) {
  return request | 0x80U;
}

}  // namespace

base::Bytes encode_trust(const TrustStore& trust) {
  base::Writer writer;
  writer.u32(static_cast<std::uint32_t>(trust.authorities().size()));
  for (const Certificate& one : trust.authorities()) put(writer, one.der());
  writer.u32(static_cast<std::uint32_t>(trust.revocation_lists().size()));
  for (const base::Bytes& one : trust.revocation_lists()) put(writer, one);
  return std::move(writer).take();
}

base::Result<TrustStore, Error> decode_trust(base::ByteView bytes) {
  const Error malformed{ErrorCode::kMalformed, "authorities and revocation lists did not arrive whole"};
  base::Reader reader(bytes);
  TrustStore trust;
  for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) {
    const auto one = Certificate::from_der(block(reader));
    if (reader.failed()) break;
    if (!one) return std::unexpected(one.error());
    if (auto added = trust.add_authority(*one); !added) return std::unexpected(std::move(added).error());
  }
  for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) {
    const base::ByteView list = block(reader);
    if (reader.failed()) break;
    if (auto added = trust.add_revocation_list(list, "a revocation list"); !added) {
      return std::unexpected(std::move(added).error());
    }
  }
  if (reader.failed() || reader.remaining() > 0) return std::unexpected(malformed);
  return trust;
}

base::Bytes ask_to_describe(RequestNumber number, base::ByteView certificate) {
  base::Writer writer = message(Type::kDescribe, number, certificate.size());
  put(writer, certificate);
  return std::move(writer).take();
}

base::Bytes ask_to_examine(RequestNumber number, std::span<const base::ByteView> chain, Time now) {
  base::Writer writer = message(Type::kExamine, number, kMaxCertificate);
  put(writer, now);
  for (const base::ByteView one : chain) put(writer, one);
  return std::move(writer).take();
}

base::Bytes ask_to_check(RequestNumber number, base::ByteView certificate, base::ByteView bytes,
                         base::ByteView signature) {
  base::Writer writer = message(Type::kCheck, number, certificate.size() + bytes.size() + signature.size());
  put(writer, certificate);
  put(writer, bytes);
  put(writer, signature);
  return std::move(writer).take();
}

base::Bytes answer(Examiner& examiner, base::ByteView request) {
  base::Reader reader(request);
  const std::uint8_t type = reader.u8();
  const RequestNumber number = reader.u64();
  if (type == byte_of(Type::kDescribe)) return describe(examiner, number, reader);
  if (type == byte_of(Type::kExamine)) return examine(examiner, number, reader);
  if (type == byte_of(Type::kCheck)) return check(examiner, number, reader);
  return failure(number, {ErrorCode::kMalformed, "a request of no type"});
}

bool is_answer(base::ByteView answer, base::ByteView request) {
  base::Reader asked(request);
  base::Reader told(answer);
  const std::uint8_t wanted = success_of(asked.u8());
  const std::uint8_t type = told.u8();
  const bool is_same = asked.u64() == told.u64();
  return is_same && !asked.failed() && !told.failed() && (type == wanted || type == byte_of(Type::kFailed));
}

base::Result<Facts, Error> described(base::ByteView answer) {
  auto reader = opened(answer, Type::kDescribed);
  if (!reader) return std::unexpected(std::move(reader).error());
  auto found = facts(*reader);
  if (!found || !is_whole(*reader)) return std::unexpected(nothing());
  return *std::move(found);
}

base::Result<Examined, Error> examined(base::ByteView answer) {
  auto reader = opened(answer, Type::kExamined);
  if (!reader) return std::unexpected(std::move(reader).error());
  auto found = facts(*reader);
  if (!found) return std::unexpected(nothing());
  auto its = verified(*reader);
  if (!its || !is_whole(*reader)) return std::unexpected(nothing());
  return Examined{*std::move(found), *std::move(its)};
}

base::Result<void, Error> checked(base::ByteView answer) {
  const auto reader = opened(answer, Type::kChecked);
  if (!reader) return std::unexpected(reader.error());
  if (!is_whole(*reader)) return std::unexpected(nothing());
  return {};
}

base::Bytes say_ready() {
  return {byte_of(Type::kReady)};
}

base::Bytes say_unfit(std::string_view why) {
  base::Writer writer;
  writer.u8(byte_of(Type::kUnfit));
  writer.append({reinterpret_cast<const std::uint8_t*>(why.data()), why.size()});
  return std::move(writer).take();
}

base::Result<void, std::string> read_start(base::ByteView start) {
  const std::uint8_t type = start.empty() ? 0 : start.front();
  if (type == byte_of(Type::kReady) && start.size() == 1) return {};
  if (type == byte_of(Type::kUnfit)) return std::unexpected(std::string(start.begin() + 1, start.end()));
  return std::unexpected("it says what is no beginning");
}

}  // namespace pki

#include "platform/pki/examination.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "platform/pki/limits.hpp"

namespace pki {

namespace {

enum class Kind : std::uint8_t { kDescribe = 1, kExamine, kCheck };

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
    if (reader.failed()) return std::nullopt;
    set.add(base::AddressRange{first, last});
  }
  return set;
}

std::optional<Verified> verified(base::Reader& reader) {
  Verified verified{.blocks = std::nullopt, .until = time(reader)};
  if (reader.u8() == 0) return reader.failed() ? std::nullopt : std::optional(std::move(verified));
  verified.blocks = set(reader);
  if (!verified.blocks) return std::nullopt;
  return verified;
}

Error nothing() {
  return {ErrorCode::kNotExamined, "the process that examines certificates answers what nobody understands"};
}

base::Writer success() {
  base::Writer writer;
  writer.u8(0);
  return writer;
}

base::Bytes failure(const Error& error) {
  base::Writer writer;
  writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(error.code) + 1));
  put(writer, std::string_view(error.message).substr(0, kMaxExamination / 2));
  return std::move(writer).take();
}

/// Behind the first byte of an answer, or its error.
base::Result<base::Reader, Error> opened(base::ByteView answer) {
  base::Reader reader(answer);
  const std::uint8_t code = reader.u8();
  if (reader.failed()) return std::unexpected(nothing());
  if (code == 0) return reader;
  std::string message = words(reader);
  if (reader.failed() || code - 1U > static_cast<unsigned>(ErrorCode::kNotExamined)) return std::unexpected(nothing());
  return std::unexpected(Error{static_cast<ErrorCode>(code - 1), std::move(message)});
}

base::Bytes describe(Examiner& examiner, base::Reader& reader) {
  const base::ByteView certificate = block(reader);
  const auto found = examiner.describe(certificate);
  if (!found) return failure(found.error());
  base::Writer writer = success();
  put(writer, *found);
  return std::move(writer).take();
}

base::Bytes examine(Examiner& examiner, base::Reader& reader) {
  const Time now = time(reader);
  std::vector<base::ByteView> chain;
  while (reader.remaining() > 0 && !reader.failed() && chain.size() <= kMaxChain) chain.push_back(block(reader));
  const auto found = examiner.examine(chain, now);
  if (!found) return failure(found.error());
  base::Writer writer = success();
  put(writer, found->facts);
  put(writer, found->verified.until);
  writer.u8(found->verified.blocks ? 1 : 0);
  if (found->verified.blocks) put(writer, *found->verified.blocks);
  return std::move(writer).take();
}

base::Bytes check(Examiner& examiner, base::Reader& reader) {
  const base::ByteView certificate = block(reader);
  const base::ByteView bytes = block(reader);
  const base::ByteView signature = block(reader);
  const auto done = examiner.check_signature(certificate, bytes, signature);
  return done ? success().take() : failure(done.error());
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

base::Bytes ask_to_describe(base::ByteView certificate) {
  base::Writer writer(certificate.size() + 8);
  writer.u8(static_cast<std::uint8_t>(Kind::kDescribe));
  put(writer, certificate);
  return std::move(writer).take();
}

base::Bytes ask_to_examine(std::span<const base::ByteView> chain, Time now) {
  base::Writer writer(kMaxCertificate);
  writer.u8(static_cast<std::uint8_t>(Kind::kExamine));
  put(writer, now);
  for (const base::ByteView one : chain) put(writer, one);
  return std::move(writer).take();
}

base::Bytes ask_to_check(base::ByteView certificate, base::ByteView bytes, base::ByteView signature) {
  base::Writer writer(certificate.size() + bytes.size() + signature.size() + 16);
  writer.u8(static_cast<std::uint8_t>(Kind::kCheck));
  put(writer, certificate);
  put(writer, bytes);
  put(writer, signature);
  return std::move(writer).take();
}

base::Bytes answer(Examiner& examiner, base::ByteView request) {
  base::Reader reader(request);
  const std::uint8_t kind = reader.u8();
  if (kind == static_cast<std::uint8_t>(Kind::kDescribe)) return describe(examiner, reader);
  if (kind == static_cast<std::uint8_t>(Kind::kExamine)) return examine(examiner, reader);
  if (kind == static_cast<std::uint8_t>(Kind::kCheck)) return check(examiner, reader);
  return failure({ErrorCode::kMalformed, "a request of no kind"});
}

base::Result<Facts, Error> described(base::ByteView answer) {
  auto reader = opened(answer);
  if (!reader) return std::unexpected(std::move(reader).error());
  auto found = facts(*reader);
  if (!found) return std::unexpected(nothing());
  return *std::move(found);
}

base::Result<Examined, Error> examined(base::ByteView answer) {
  auto reader = opened(answer);
  if (!reader) return std::unexpected(std::move(reader).error());
  auto found = facts(*reader);
  if (!found) return std::unexpected(nothing());
  auto its = verified(*reader);
  if (!its) return std::unexpected(nothing());
  return Examined{*std::move(found), *std::move(its)};
}

base::Result<void, Error> checked(base::ByteView answer) {
  auto reader = opened(answer);
  if (!reader) return std::unexpected(std::move(reader).error());
  return {};
}

}  // namespace pki

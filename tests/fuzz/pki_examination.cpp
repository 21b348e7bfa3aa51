// Any bytes as what crosses between tedd and the process that examines certificates: as a request to it, as its answer,
// as its first words, and as what it is to trust.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/pki/examination.hpp"
#include "platform/pki/limits.hpp"

namespace {

/// Finds in the bytes that it is asked about what it is to say of them, so that every answer comes out of some request.
class Oracle final : public pki::Examiner {
 public:
  base::Result<pki::Facts, pki::Error> describe(base::ByteView certificate) override {
    ++asked_;
    base::Reader reader(certificate);
    if (reader.u8() % 4 == 3) return std::unexpected(failure(reader));
    said_ = facts(reader);
    return said_;
  }
  base::Result<pki::Examined, pki::Error> examine(std::span<const base::ByteView> chain, pki::Time now) override {
    ++asked_;
    require(chain.size() <= pki::kMaxChain + 1);
    base::Reader reader(chain.empty() ? base::ByteView() : chain.front());
    if (reader.u8() % 4 == 3) return std::unexpected(failure(reader));
    said_ = facts(reader);
    until_ = now;
    blocks_.reset();
    if (reader.u8() % 2 == 0) blocks_ = some_blocks(reader);
    return pki::Examined{said_, {.blocks = blocks_, .until = until_}};
  }
  base::Result<void, pki::Error> check_signature(base::ByteView certificate, base::ByteView, base::ByteView) override {
    ++asked_;
    base::Reader reader(certificate);
    if (reader.u8() % 4 == 3) return std::unexpected(failure(reader));
    return {};
  }

  /// That what arrived is what was said.
  void compare(base::ByteView answer) const {
    if (const auto told = pki::described(answer)) require(*told == said_);
    const auto told = pki::examined(answer);
    if (told) require(told->facts == said_ && told->verified.until == until_ && told->verified.blocks == blocks_);
    const auto wrong = pki::checked(answer);
    if (!failed_.empty() && !wrong && wrong.error().code != pki::ErrorCode::kNotExamined) {
      require(failed_.starts_with(wrong.error().message));
    }
  }
  [[nodiscard]] bool was_asked() const { return asked_ > 0; }

 private:
  static std::string words(base::Reader& reader) {
    const base::ByteView bytes = reader.view(std::min<std::size_t>(reader.u8(), reader.remaining()));
    return {bytes.begin(), bytes.end()};
  }
  static pki::Facts facts(base::Reader& reader) {
    pki::Facts facts{.subject = words(reader), .issuer = words(reader), .names = {}, .not_before = {}, .not_after = {}};
    for (int left = reader.u8() % 4; left >= 0; --left) {
      facts.names.push_back({static_cast<pki::NameKind>(reader.u8() % 3), words(reader)});
    }
    facts.not_before = pki::Time{std::chrono::seconds(static_cast<std::int64_t>(reader.u64()))};
    facts.not_after = pki::Time{std::chrono::seconds(static_cast<std::int64_t>(reader.u64()))};
    return facts;
  }
  static base::AddressSet some_blocks(base::Reader& reader) {
    base::AddressSet set;
    for (int left = reader.u8() % 4; left > 0; --left) {
      const auto family = reader.u8() % 2 == 0 ? base::Family::kV4 : base::Family::kV6;
      const std::size_t width = family == base::Family::kV4 ? 4 : 16;
      const auto [first, last] = std::minmax({reader.number(width), reader.number(width)});
      set.add(base::AddressRange{base::Address(family, first), base::Address(family, last)});
    }
    return set;
  }
  pki::Error failure(base::Reader& reader) {
    failed_ = words(reader);
    return {static_cast<pki::ErrorCode>(reader.u8() % static_cast<unsigned>(pki::ErrorCode::kNotExamined)), failed_};
  }

  int asked_ = 0;
  pki::Facts said_;
  pki::Time until_{};
  std::optional<base::AddressSet> blocks_;
  std::string failed_;
};

/// Says what it was given.
class Echo final : public pki::Examiner {
 public:
  explicit Echo(pki::Examined known) : known_(std::move(known)) {}
  base::Result<pki::Facts, pki::Error> describe(base::ByteView) override { return known_.facts; }
  base::Result<pki::Examined, pki::Error> examine(std::span<const base::ByteView>, pki::Time) override {
    return known_;
  }
  base::Result<void, pki::Error> check_signature(base::ByteView, base::ByteView, base::ByteView) override { return {}; }

 private:
  pki::Examined known_;
};

/// However damaged a request is, its answer is whole, and one to it alone.
void as_request(base::ByteView request) {
  Oracle oracle;
  const base::Bytes answer = pki::answer(oracle, request);
  require(!answer.empty());
  const auto described = pki::described(answer);
  const auto examined = pki::examined(answer);
  const auto checked = pki::checked(answer);
  const int successes = int{described.has_value()} + int{examined.has_value()} + int{checked.has_value()};
  require(successes <= 1 && (successes == 0 || oracle.was_asked()));
  if (successes == 0) {
    require(checked.error().code == described.error().code && checked.error().code == examined.error().code);
    require(checked.error().code != pki::ErrorCode::kNotExamined);
  }
  oracle.compare(answer);
  if (!oracle.was_asked()) return;
  require(pki::is_answer(answer, request));
  base::Bytes other(request.begin(), request.end());
  other[8] = static_cast<std::uint8_t>(other[8] ^ 1U);  // of its number
  require(!pki::is_answer(answer, other));
}

// What is understood of hostile bytes is no more than an honest process could have said.
void as_answer(base::ByteView answer) {
  const auto facts = pki::described(answer);
  if (facts) {
    require(!facts->names.empty());
    require(!pki::text(facts->not_before).empty() && !pki::text(facts->not_after).empty());
    Echo echo({*facts, {}});
    const auto again = pki::described(pki::answer(echo, pki::ask_to_describe(0, {})));
    require(again && *again == *facts);
  }
  const auto found = pki::examined(answer);
  if (found) {
    require(!found->facts.names.empty() && !facts);
    Echo echo(*found);
    const auto again = pki::examined(pki::answer(echo, pki::ask_to_examine(0, {}, {})));
    require(again && again->facts == found->facts && again->verified.blocks == found->verified.blocks);
    require(again->verified.until == found->verified.until);
  }
  if (pki::checked(answer)) require(answer.size() == 9 && !facts && !found);
  const std::vector<base::Bytes> requests{pki::ask_to_describe(1, {}), pki::ask_to_examine(1, {}, {}),
                                          pki::ask_to_check(1, {}, {}, {})};
  require(std::ranges::count_if(requests, [answer](const auto& one) { return pki::is_answer(answer, one); }) != 2);
}

void as_start(base::ByteView start) {
  const auto read = pki::read_start(start);
  if (read) return require(std::ranges::equal(start, pki::say_ready()));
  const bool is_said = std::ranges::equal(start, pki::say_unfit(read.error()));
  require(is_said || !read.error().empty());
}

void as_trust(base::ByteView bytes) {
  const auto trust = pki::decode_trust(bytes);
  if (!trust) return require(!trust.error().message.empty());
  const auto again = pki::decode_trust(pki::encode_trust(*trust));
  require(again && again->authorities() == trust->authorities());
  require(again->revocation_lists() == trust->revocation_lists());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<std::uint8_t> bytes(data + 1, data + size);  // exactly that long
  constexpr std::array as{as_request, as_answer, as_start, as_trust};
  as[data[0] % as.size()](bytes);
  return 0;
}

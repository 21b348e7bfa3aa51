// Chains, maps and rules of the guard in the kernel's own form.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/uint128.hpp"
#include "platform/nft/batch.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/interval.hpp"

namespace nft {

/// What a packet that comes here meets next. `chain` is empty for what ends or leaves.
struct Verdict {
  int code = 0;  ///< NF_ACCEPT, NFT_JUMP, NFT_GOTO, NFT_RETURN
  std::string_view chain{};
};

/// A field of a packet: of the network header or the transport header, or its protocol or family, one byte each.
struct Field {
  enum class Of : std::uint8_t { kNetwork, kTransport, kProtocol, kFamily };
  Of of{};
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
};

/// The last bytes of a number, most significant first, as in a packet.
class Value {
 public:
  Value(base::Uint128 number, std::size_t bytes) : size_(bytes) {
    for (std::size_t i = bytes; i > 0; --i, number >>= 8) bytes_[i - 1] = static_cast<std::uint8_t>(number);
  }
  operator base::ByteView() const {
    return base::ByteView(bytes_).first(size_);
  }  // NOLINT(google-explicit-constructor)

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::size_t size_;
};

/// A chain that nothing hooks.
void add_chain(Batch& batch, const std::string& name);

/// The chain that packets enter by, what no rule of it ends being accepted; nothing when it is there already.
void add_hooked_chain(Batch& batch, const Hook& hook);

/// Away with them; a chain must be empty, and nothing may name it or the set.
void empty_chain(Batch& batch, const std::string& chain);
void delete_chain(Batch& batch, const std::string& chain);
void delete_set(Batch& batch, const std::string& set);
void delete_rule(Batch& batch, const std::string& chain, std::uint64_t handle);

/// How the rest of a batch speaks of a map.
struct Map {
  std::string name;
  std::uint32_t number = 0;  ///< in its batch
};
/// For a map without a name: the kernel gives it one. It goes with the one rule that asks it, all in one batch with its
/// elements.
inline constexpr std::string_view kNameless = "__map%d";

/// A map from intervals of a field to verdicts; nothing can be changed in it once a rule asks it. `type` is the number
/// under which nft knows such keys, and lists them.
[[nodiscard]] Map add_map(Batch& batch, std::string_view name, std::uint32_t type, std::uint32_t bytes);

/// From its value on this verdict; or nothing more of the verdict before. In a map with a name the kernel wants every
/// verdict ended, also where the next begins, but for one that holds to the greatest value.
struct Element {
  base::Uint128 from{};
  std::optional<Verdict> verdict{};
};
/// As many of the elements, keys of `bytes` bytes, as one message takes; the number of those taken.
[[nodiscard]] std::size_t add_elements(Batch& batch, const Map& map, std::uint32_t bytes,
                                       std::span<const Element> elements);

/// Into a set of intervals that stands, of keys of `bytes` bytes: none may meet another, or what it holds already.
void add_intervals(Batch& batch, const std::string& set, std::size_t bytes, std::span<const Interval> intervals);
/// All that it holds out of it.
void empty_set(Batch& batch, const std::string& set);

/// One rule of a chain: what it looks at is added in order, and all of it must be so for what comes last.
/// It is whole when the object ends.
class RuleMessage {
 public:
  enum class At : std::uint8_t { kEnd, kHead };
  RuleMessage(Batch& batch, const std::string& chain, At at = At::kEnd);
  ~RuleMessage();
  RuleMessage(const RuleMessage&) = delete;
  RuleMessage& operator=(const RuleMessage&) = delete;

  RuleMessage& equals(const Field& field, base::ByteView value);
  RuleMessage& equals(const Field& field, base::ByteView mask, base::ByteView value);
  RuleMessage& within(const Field& field, base::ByteView first, base::ByteView last);
  /// What the map says of the field; nothing when it does not hold its value: the next rule.
  void look_up(const Field& field, const Map& map);
  void decide(const Verdict& verdict);

 private:
  Batch& batch_;
  std::size_t expressions_;
};

}  // namespace nft

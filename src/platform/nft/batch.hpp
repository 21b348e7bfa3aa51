// One transaction of nftables in the kernel's own form: what libnftables makes of text, without the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace nft {

/// Messages about the guard's table, all of which are done, or none. Each has a name, under which a refusal speaks of
/// it.
class Batch {
 public:
  /// More than this is for another transaction: the kernel takes one in a single piece of memory. Each looks through
  /// all that stands for loops, so not too little either: 100,000 rules are some 40 MB.
  static constexpr std::size_t kFullBytes = 64 << 20;
  /// An attribute, and with it whatever is nested in one, has at most so many bytes.
  static constexpr std::size_t kMaxAttributeBytes = 65'535;

  Batch();

  /// A message begins, which names the table; `kind` is NFT_MSG_…, `flags` NLM_F_… beside NLM_F_REQUEST.
  void begin(std::string what, int kind, int flags);
  /// Attributes of the last message that began: text with its NUL, numbers most significant byte first.
  void text(int attribute, std::string_view value);
  void number(int attribute, std::uint32_t value);
  void handle(int attribute, std::uint64_t value);
  void bytes(int attribute, base::ByteView value);
  /// What `body` adds is inside an attribute of its own.
  template <class Body>
  void nested(int attribute, Body body) {
    const std::size_t at = open(attribute | kNested);
    body();
    close(at);
  }

  /// The one message that lists what is of `kind` (NFT_MSG_GET…) in the table, or in one chain of it.
  [[nodiscard]] static base::Bytes question(int kind, const std::string& chain);

  /// Likewise of all tables of one family, NFPROTO_….
  [[nodiscard]] static base::Bytes question_of_all(int kind, std::uint8_t family);

  [[nodiscard]] bool empty() const { return names_.empty(); }
  [[nodiscard]] bool full() const { return bytes_.size() > kFullBytes; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  friend class Link;
  friend class RuleMessage;
  static constexpr int kNested = 1 << 15;  // NLA_F_NESTED

  void head(int kind, int flags, std::uint32_t sequence);
  void end_message();
  [[nodiscard]] std::size_t open(int attribute);
  void close(std::size_t at);
  /// What is sent: the last message asks for an answer, and the transaction ends.
  [[nodiscard]] base::ByteView finish();
  [[nodiscard]] std::string name_of(std::uint32_t sequence) const;

  base::Bytes bytes_;
  std::size_t message_ = 0;         ///< where the last one begins
  std::vector<std::string> names_;  ///< of the message with that number, from 1
};

}  // namespace nft

// A vici message: an ordered tree of sections, key/value pairs and lists (strongSwan's vici README, "Message format").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "platform/vici/error.hpp"

namespace vici {

/// Charon's own messages nest four deep; a tree of ours never recurses further than this.
inline constexpr std::size_t kMaxDepth = 16;
/// Each element costs some hundred bytes of memory for as few as three on the wire.
inline constexpr std::size_t kMaxElements = 65536;
/// Charon's limit for one packet.
inline constexpr std::size_t kMaxPacket = std::size_t{512} * 1024;

struct Node;
using List = std::vector<std::string>;

/// The root of a message, or a section in it. Values are overwritten when it goes. Values are bytes; charon writes text
/// and decimal numbers only.
class Message {
 public:
  Message();
  Message(const Message&);
  Message(Message&&) noexcept;
  Message& operator=(const Message&);
  Message& operator=(Message&&) noexcept;
  ~Message();

  /// Append an element. Nothing checks that a name is new: charon refuses a message that repeats one where it matters.
  Message& add(std::string name, std::string value);
  /// Likewise, of what nobody may find in memory afterwards: however short, it has a place of its own, so that moving
  /// the message leaves no copy behind. Copying the message makes a plain value of it.
  Message& add_secret(std::string name, std::string_view value);
  Message& add_list(std::string name, List items);
  Message& add_section(std::string name, Message section);

  /// In the order of the wire.
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] bool empty() const;

  /// The first element of that name and kind. A missing value is the empty text; a missing list or section is null.
  /// What is returned lives as long as this message is not changed.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  [[nodiscard]] const List* list(std::string_view name) const;
  [[nodiscard]] const Message* section(std::string_view name) const;

  bool operator==(const Message& other) const;

 private:
  std::vector<Node> nodes_;
};

struct Node {
  std::string name;
  std::variant<std::string, List, Message> value;

  bool operator==(const Node&) const = default;
};

/// The message's elements; no length in front. Error: kTooLong, when a name has more than 255 bytes, a value more than
/// 65535, or the whole more than kMaxPacket.
[[nodiscard]] Result<base::Bytes> encode(const Message& message);

/// The whole of `bytes` as a message, or the first error with its offset: kTruncated, kUnknownElement, kUnbalanced,
/// kTooDeep, kTooManyElements. Does not check that names are unique or values are text.
[[nodiscard]] Result<Message> decode(base::ByteView bytes);

}  // namespace vici

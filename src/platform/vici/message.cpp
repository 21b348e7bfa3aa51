#include "platform/vici/message.hpp"

#include <algorithm>
#include <utility>

#include "base/secret.hpp"

namespace vici {
namespace {

enum class Element : std::uint8_t {
  kSectionStart = 1,
  kSectionEnd = 2,
  kKeyValue = 3,
  kListStart = 4,
  kListItem = 5,
  kListEnd = 6,
};

base::ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(base::ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Bytes that it takes on the wire: what grows meanwhile would leave copies of a secret behind.
std::size_t size_of(const Message& message) {
  std::size_t size = 0;
  for (const Node& node : message.nodes()) {
    size += 3 + node.name.size();
    if (const auto* text = std::get_if<std::string>(&node.value)) size += 2 + text->size();
    if (const auto* section = std::get_if<Message>(&node.value)) size += size_of(*section);
    if (const auto* items = std::get_if<List>(&node.value)) {
      for (const std::string& item : *items) size += 3 + item.size();
    }
  }
  return size;
}

class Encoder {
 public:
  explicit Encoder(std::size_t expected) : out_(expected) {}

  bool section(const Message& message) {
    return std::ranges::all_of(message.nodes(), [this](const Node& node) { return element(node); });
  }
  [[nodiscard]] bool fits() const { return out_.size() <= kMaxPacket; }
  base::Bytes take() && { return std::move(out_).take(); }

 private:
  void type(Element element) { out_.u8(static_cast<std::uint8_t>(element)); }
  bool name(Element element, const std::string& text) {
    if (text.size() > 255) return false;
    type(element);
    out_.u8(static_cast<std::uint8_t>(text.size()));
    out_.append(bytes_of(text));
    return true;
  }
  bool value(const std::string& text) {
    if (text.size() > 65535) return false;
    out_.u16(static_cast<std::uint16_t>(text.size()));
    out_.append(bytes_of(text));
    return fits();
  }
  bool element(const Node& node) {
    if (const auto* text = std::get_if<std::string>(&node.value)) {
      return name(Element::kKeyValue, node.name) && value(*text);
    }
    if (const auto* items = std::get_if<List>(&node.value)) {
      if (!name(Element::kListStart, node.name)) return false;
      for (const std::string& item : *items) {
        type(Element::kListItem);
        if (!value(item)) return false;
      }
      type(Element::kListEnd);
      return true;
    }
    if (!name(Element::kSectionStart, node.name) || !section(std::get<Message>(node.value))) return false;
    type(Element::kSectionEnd);
    return true;
  }

  base::Writer out_;
};

class Decoder {
 public:
  explicit Decoder(base::ByteView bytes) : in_(bytes) {}

  /// Up to the section's end element; the root section (depth 0) ends with the bytes.
  Result<Message> section(std::size_t depth) {
    if (depth > kMaxDepth) return error(ErrorCode::kTooDeep);
    Message message;
    while (in_.remaining() > 0) {
      TED_TRY(const Element type, element());
      if (type == Element::kSectionEnd && depth > 0) return message;
      TED_TRY(auto unused, node(message, type, depth));
      static_cast<void>(unused);
    }
    if (depth > 0) return error(ErrorCode::kTruncated);
    return message;
  }

 private:
  struct Done {};

  [[nodiscard]] std::unexpected<Error> error(ErrorCode code) const {
    return std::unexpected(Error{code, {}, in_.offset()});
  }

  Result<Element> element() {
    const std::size_t start = in_.offset();
    const std::uint8_t type = in_.u8();
    if (in_.failed()) return error(ErrorCode::kTruncated);
    if (type < 1 || type > 6) return std::unexpected(Error{ErrorCode::kUnknownElement, {}, start});
    if (++elements_ > kMaxElements) return error(ErrorCode::kTooManyElements);
    return static_cast<Element>(type);
  }

  Result<std::string> bytes(std::size_t length) {
    const base::ByteView view = in_.view(length);
    if (in_.failed()) return error(ErrorCode::kTruncated);
    return text_of(view);
  }
  Result<std::string> name() { return bytes(in_.u8()); }
  Result<std::string> value() { return bytes(in_.u16()); }

  Result<List> list() {
    List items;
    while (true) {
      TED_TRY(const Element type, element());
      if (type == Element::kListEnd) return items;
      if (type != Element::kListItem) return error(ErrorCode::kUnbalanced);
      TED_TRY(std::string item, value());
      items.push_back(std::move(item));
    }
  }

  Result<Done> node(Message& into, Element type, std::size_t depth) {
    if (type != Element::kKeyValue && type != Element::kListStart && type != Element::kSectionStart) {
      return error(ErrorCode::kUnbalanced);
    }
    TED_TRY(std::string key, name());
    if (type == Element::kKeyValue) {
      TED_TRY(std::string text, value());
      into.add(std::move(key), std::move(text));
    } else if (type == Element::kListStart) {
      TED_TRY(List items, list());
      into.add_list(std::move(key), std::move(items));
    } else {
      TED_TRY(Message inner, section(depth + 1));
      into.add_section(std::move(key), std::move(inner));
    }
    return Done{};
  }

  base::Reader in_;
  std::size_t elements_ = 0;
};

template <class T>
const T* find(const std::vector<Node>& nodes, std::string_view name) {
  for (const Node& node : nodes) {
    const T* found = std::get_if<T>(&node.value);
    if (found != nullptr && node.name == name) return found;
  }
  return nullptr;
}

}  // namespace

Message::Message() = default;
Message::Message(const Message&) = default;
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(const Message&) = default;
Message& Message::operator=(Message&&) noexcept = default;

// Some carry a secret, and none is worth telling apart.
Message::~Message() {
  for (Node& node : nodes_) {
    if (auto* text = std::get_if<std::string>(&node.value)) base::wipe(*text);
    if (auto* items = std::get_if<List>(&node.value))
      std::ranges::for_each(*items, [](auto& item) { base::wipe(item); });
  }
}

Message& Message::add(std::string name, std::string value) {
  nodes_.push_back({std::move(name), std::move(value)});
  return *this;
}

Message& Message::add_secret(std::string name, std::string_view value) {
  std::string own;
  own.reserve(std::max(value.size(), 2 * sizeof(std::string)));
  own = value;
  return add(std::move(name), std::move(own));
}

Message& Message::add_list(std::string name, List items) {
  nodes_.push_back({std::move(name), std::move(items)});
  return *this;
}

Message& Message::add_section(std::string name, Message section) {
  nodes_.push_back({std::move(name), std::move(section)});
  return *this;
}

bool Message::empty() const {
  return nodes_.empty();
}

std::string_view Message::text(std::string_view name) const {
  const auto* value = find<std::string>(nodes_, name);
  return value == nullptr ? std::string_view{} : std::string_view{*value};
}

const List* Message::list(std::string_view name) const {
  return find<List>(nodes_, name);
}

const Message* Message::section(std::string_view name) const {
  return find<Message>(nodes_, name);
}

bool Message::operator==(const Message& other) const {
  return nodes_ == other.nodes_;
}

Result<base::Bytes> encode(const Message& message) {
  Encoder encoder(std::min(size_of(message), kMaxPacket));
  if (!encoder.section(message) || !encoder.fits()) return std::unexpected(Error{ErrorCode::kTooLong, {}, 0});
  return std::move(encoder).take();
}

Result<Message> decode(base::ByteView bytes) {
  return Decoder(bytes).section(0);
}

}  // namespace vici

// What lines of IOS access lists and of object groups are read with: their words in turn, and ports among them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/port_range.hpp"
#include "base/protocol.hpp"
#include "base/result.hpp"

namespace migrate {

class IosWords {
 public:
  /// Looks at words that outlive it.
  explicit IosWords(std::span<const std::string_view> words) : words_(words) {}

  [[nodiscard]] bool empty() const { return words_.empty(); }
  [[nodiscard]] std::size_t left() const { return words_.size(); }
  /// The next word; empty at the end.
  [[nodiscard]] std::string_view peek() const { return words_.empty() ? std::string_view() : words_.front(); }
  std::string_view take();

  /// The next word, or why it is none.
  [[nodiscard]] base::Result<base::Address, std::string> address();
  /// `eq`, `neq`, `gt`, `lt` or `range` and its ports; every port when there is nothing of it. `bare`: a port alone
  /// stands for `eq`, as in object groups.
  [[nodiscard]] base::Result<std::vector<base::PortRange>, std::string> ports(base::Protocol protocol,
                                                                              bool bare = false);
  /// A type and a code of ICMP, as a selector has them, when they are there.
  struct Icmp {
    base::PortRange type = base::PortRange::any();
    base::PortRange code = base::PortRange::any();
  };
  [[nodiscard]] Icmp icmp();

  /// Why `word` is no such thing.
  [[nodiscard]] static std::unexpected<std::string> refuse(std::string_view word, std::string_view what);

 private:
  [[nodiscard]] base::Result<std::uint16_t, std::string> port(base::Protocol protocol);
  [[nodiscard]] base::Result<std::vector<base::PortRange>, std::string> equal(base::Protocol protocol);

  std::span<const std::string_view> words_;
};

}  // namespace migrate

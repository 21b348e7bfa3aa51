#include "base/prefix.hpp"

#include "base/number.hpp"

namespace base {

Result<Prefix, TextError> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  TED_TRY(const Address address, Address::parse(text.substr(0, slash)));
  const unsigned whole = width(address.family());
  if (slash == std::string_view::npos) return Prefix(address, whole);
  const auto length = parse_number<unsigned>(text.substr(slash + 1), whole);
  if (!length) {
    return std::unexpected(TextError{"'" + std::string(text) + "' has no valid prefix length",
                                     "a prefix length is a number from 0 to " + std::to_string(whole)});
  }
  const Prefix prefix(address, *length);
  if (prefix.network() != address) {
    return std::unexpected(TextError{"'" + std::string(text) + "' has host bits set behind the prefix",
                                     "the network is " + prefix.text() + ", the one host " + address.text()});
  }
  return prefix;
}

std::string Prefix::text() const {
  return network_.text() + "/" + std::to_string(length_);
}

}  // namespace base

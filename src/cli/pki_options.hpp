// What `tedctl pki` is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/address_set.hpp"
#include "platform/pki/private_key.hpp"

namespace cli {

struct PkiOptions {
  std::string name;                      ///< of an authority: its common name; of a gateway: its DNS name
  std::vector<base::Address> addresses;  ///< of a gateway
  std::optional<base::AddressSet> blocks;
  std::optional<unsigned> days;  ///< how long it holds; nothing: the command's own
  pki::KeyKind key = pki::KeyKind::kEcdsaP256;
  std::string authority;  ///< its folder
  std::string out;        ///< a folder
  std::vector<std::string> files;
};

}  // namespace cli

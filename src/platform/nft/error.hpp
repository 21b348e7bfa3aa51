// Why nftables did not do something.
#pragma once

#include <string>

namespace nft {

/// What nft said, in its own words, without the drawing of the place; and the text's first line, for the log. Or the
/// object that the kernel refused, and its reason.
struct Error {
  std::string message;
};

}  // namespace nft

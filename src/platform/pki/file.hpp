// Files of certificates and keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "platform/pki/error.hpp"
#include "platform/pki/secret.hpp"

namespace pki {

enum class Access : std::uint8_t {
  kAnybody,
  kOwnerAlone,  ///< refused when the group or others may use it in any way
};

/// All of the file's bytes, at most `most`. Nothing but a regular file is read, and nothing waits for one.
[[nodiscard]] base::Result<Secret, Error> read_file(const std::string& path, std::size_t most, Access access);

/// Makes the file anew, whole or not at all, with that mode: through a file beside it that is renamed.
[[nodiscard]] base::Result<void, Error> write_file(const std::string& path, base::ByteView bytes, unsigned mode);

}  // namespace pki

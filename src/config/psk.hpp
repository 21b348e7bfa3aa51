// The pre-shared key file.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/text_error.hpp"

namespace config {

/// The secret in the file: its bytes without one line end ("\n" or "\r\n") at the end. Refused: a file that its group
/// or others may use in any way, one that is empty, longer than 4096 bytes or has a NUL byte, and anything but a
/// regular file. No message shows any of the secret. The caller keeps it out of logs, too.
[[nodiscard]] base::Result<base::Secret, base::TextError> load_psk(const std::string& path);

/// The discovery key in the file, likewise; refused as well when it is shorter than kMinDiscoveryKey bytes: it is no
/// password that is tried against a peer, but tested offline by whoever saw one probe.
inline constexpr std::size_t kMinDiscoveryKey = 16;
[[nodiscard]] base::Result<base::Secret, base::TextError> load_discovery_key(const std::string& path);

}  // namespace config

// The folder of an authority, and how files get into a folder.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/address_set.hpp"
#include "base/result.hpp"
#include "base/text_error.hpp"
#include "cli/ask.hpp"
#include "cli/exit_status.hpp"
#include "control/json.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/private_key.hpp"

namespace cli {

using PkiResult = base::Result<void, base::TextError>;

/// ca.pem and ca.key of a folder.
struct Authority {
  pki::Certificate certificate;
  pki::PrivateKey key;
};
[[nodiscard]] base::Result<Authority, base::TextError> load_authority(const std::string& folder);

/// The same error in the words of a command line, with what to do next.
[[nodiscard]] base::TextError told(const pki::Error& error, std::string hint);

/// What there is to do about files that cannot be written.
inline constexpr const char* kWritable = "give a folder where you may write, on a disk with room";

/// Makes the folder, and those above it, where there is none.
[[nodiscard]] PkiResult make_folder(const std::string& folder);
/// NAME.pem and NAME.key, the key for its owner alone. Nothing is overwritten: a key that is gone is gone.
[[nodiscard]] PkiResult write_pair(const std::string& folder, const std::string& name,
                                   const pki::Certificate& certificate, const pki::PrivateKey& key);

/// What was done, as a sentence and as JSON.
struct Made {
  std::string text;
  control::Json json;
};
/// The JSON of a certificate that was written, with its key.
[[nodiscard]] control::Json made_json(const std::string& stem, const pki::Certificate& certificate,
                                      const std::optional<base::AddressSet>& blocks, const std::string& authority);
/// Says what was done, or why it was not.
[[nodiscard]] ExitStatus finish(const Context& context, const base::Result<Made, base::TextError>& done);

/// The machine's clock.
[[nodiscard]] pki::Time wall_clock();
/// Clocks differ: what is made now holds a little earlier.
inline constexpr std::chrono::hours kClockSkew{1};

}  // namespace cli

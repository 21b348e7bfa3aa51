// How the daemon calls things in charon, and speaks of its failures.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/vici/error.hpp"
#include "wire/message.hpp"

namespace tedd {

/// `opented-COOKIE`, of the discovery that asks for the CHILD_SA.
[[nodiscard]] std::string child_name(const wire::Cookie& cookie);
/// The cookie in such a name; nothing in others.
[[nodiscard]] std::optional<wire::Cookie> cookie_in(std::string_view child);

/// TED-CHARON, an error.
void log_charon(std::string_view what, const vici::Error& error);

}  // namespace tedd

// One initiation, on a vici connection of its own: charon answers `initiate` only when the tunnel stands or has failed,
// and a connection carries one command at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "platform/vici/config.hpp"
#include "platform/vici/connection.hpp"
#include "platform/vici/failure.hpp"
#include "platform/vici/tunnel.hpp"

namespace vici {

/// Nothing when the CHILD_SA stands, else why it does not.
using InitiationResult = std::optional<Failure>;
using InitiationHandler = std::function<void(const InitiationResult&)>;

/// Loads the connection, initiates, tells the result, removes what a failure left half made, and unloads the
/// connection. Driven like a Connection. Owned by Charon; it must not be destroyed from inside its handler.
class Attempt {
 public:
  Attempt(Initiation initiation, base::Duration timeout, InitiationHandler done);

  /// Connects and asks. An error (kCannotConnect, kTooLong) is final, and the handler is not called.
  [[nodiscard]] Result<void> start(std::string_view path, std::span<const Child> also, base::Instant now);

  [[nodiscard]] Connection* connection() const { return connection_.get(); }
  [[nodiscard]] const base::Address& peer() const { return initiation_.peer; }
  [[nodiscard]] base::Instant deadline() const { return deadline_; }
  /// Nothing is left to do; the owner destroys it.
  [[nodiscard]] bool is_finished() const { return connection_ == nullptr || !connection_->is_open(); }
  /// The connection in charon is known to be unloaded.
  [[nodiscard]] bool is_unloaded() const { return unloaded_; }

  /// Gives up now: tells `failure` when nothing was told yet. What charon still holds is the owner's to unload.
  void abandon(const Failure& failure);

 private:
  void on_event(std::string_view event, const Message& message);
  void on_initiated(const Result<Message>& reply);
  void clean_up();
  void terminate_leftovers();
  void unload();
  void tell(InitiationResult result);
  void check(const Result<void>& asked);

  Initiation initiation_;
  base::Duration timeout_;
  InitiationHandler done_;
  std::unique_ptr<Connection> connection_;
  base::Instant deadline_{};
  std::optional<Failure> reason_;
  std::vector<IkeSa> listed_;
  bool unloaded_ = false;
};

}  // namespace vici

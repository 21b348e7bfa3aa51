#include "platform/vici/attempt.hpp"

#include <algorithm>
#include <utility>

namespace vici {
namespace {

/// Charon keeps the timeout itself; this much later it is taken for dead.
constexpr base::Duration kGrace = std::chrono::seconds(5);

}  // namespace

Attempt::Attempt(Initiation initiation, base::Duration timeout, InitiationHandler done)
    : initiation_(std::move(initiation)),
      timeout_(std::max<base::Duration>(timeout, std::chrono::milliseconds(1))),
      done_(std::move(done)) {}

Result<void> Attempt::start(std::string_view path, std::span<const Child> also, base::Instant now) {
  TED_TRY(connection_, Connection::open(path));
  deadline_ = now + timeout_ + kGrace;
  connection_->set_event_handler([this](std::string_view event, const Message& message) { on_event(event, message); });
  connection_->set_close_handler([this](const Error& reason) { tell(Failure{FailureClass::kOther, reason.text()}); });
  // The three are queued at once; each is sent when the one before is answered.
  if (auto subscribed = connection_->subscribe("control-log", nullptr); !subscribed) return subscribed;
  auto loaded = connection_->request("load-conn", initiator_connection(initiation_, also), [this](const auto& reply) {
    const auto result = outcome(reply);
    if (!result) reason_ = Failure{FailureClass::kOther, "load-conn: " + result.error().text()};
  });
  if (!loaded) return loaded;
  Message command;
  command.add("ike", connection_name(initiation_.peer));
  command.add("child", initiation_.name);
  command.add("timeout", std::to_string(std::chrono::ceil<std::chrono::milliseconds>(timeout_).count()));
  command.add("loglevel", "1");
  return connection_->request("initiate", command, [this](const auto& reply) { on_initiated(reply); });
}

void Attempt::on_event(std::string_view event, const Message& message) {
  if (event == "list-sa") {
    if (auto ike = read_ike(message)) listed_.push_back(*std::move(ike));
  } else if (event == "control-log" && !reason_) {
    // The first line that names a failure is its cause; what follows is charon tidying up.
    const std::string_view line = message.text("msg");
    if (const auto failure = classify(line)) reason_ = Failure{*failure, std::string(line)};
  }
}

void Attempt::on_initiated(const Result<Message>& reply) {
  const auto result = outcome(reply);
  if (result) {
    tell(std::nullopt);
    return unload();
  }
  if (result.error().code == ErrorCode::kClosed) return;  // the close handler tells
  if (!reason_) {
    const auto failure = classify(result.error().words);
    reason_ = Failure{failure.value_or(FailureClass::kOther), result.error().text()};
  }
  tell(reason_);
  clean_up();
}

/// Charon goes on trying after a timeout, and keeps an IKE_SA whose CHILD_SA was refused. Those without a CHILD_SA go;
/// an older IKE_SA with the same peer that carries tunnels stays.
void Attempt::clean_up() {
  check(connection_->subscribe("list-sa", nullptr));
  const Message filter = Message().add("ike", connection_name(initiation_.peer));
  check(connection_->request("list-sas", filter, [this](const auto&) { terminate_leftovers(); }));
}

void Attempt::terminate_leftovers() {
  for (const IkeSa& ike : std::exchange(listed_, {})) {
    if (ike.children > 0) continue;
    Message command;
    command.add("ike-id", std::to_string(ike.id)).add("force", "yes").add("timeout", "-1");
    check(connection_->request("terminate", command, nullptr));
  }
  unload();
}

void Attempt::unload() {
  const Message command = Message().add("name", connection_name(initiation_.peer));
  check(connection_->request("unload-conn", command, [this](const auto& reply) {
    unloaded_ = reply.has_value();
    connection_->close("done");
  }));
}

/// A request that could not even be queued ends the attempt; the owner then unloads.
void Attempt::check(const Result<void>& asked) {
  if (!asked) connection_->close(asked.error().text());
}

void Attempt::abandon(const Failure& failure) {
  tell(failure);
  connection_->close("abandoned");
}

void Attempt::tell(InitiationResult result) {
  if (const auto done = std::exchange(done_, nullptr)) done(result);
}

}  // namespace vici

#include "daemon/examiner.hpp"

#include <algorithm>
#include <utility>

namespace tedd {

namespace {

constexpr base::Duration kRetry = std::chrono::seconds(1);

pki::Error not_now(std::string_view why) {
  return {pki::ErrorCode::kNotExamined, "it cannot be examined now: " + std::string(why)};
}

}  // namespace

Examiner::Examiner(Loop& loop, std::function<void(const std::string&)> tell, std::string program)
    : loop_(loop), tell_(std::move(tell)), program_(std::move(program)), timer_(loop.timer([this] { on_timer(); })) {}

base::Result<void, std::string> Examiner::use(const pki::TrustStore& trust) {
  base::Bytes bytes = pki::encode_trust(trust);
  TED_TRY(ExaminerProcess fresh, ExaminerProcess::start(program_, bytes));
  const auto ready = fresh.become_ready(kExaminerStart);
  if (!ready) return std::unexpected("the process that examines certificates does not start: " + ready.error());
  if (!*ready) return std::unexpected("the process that examines certificates is not ready in time");
  source_ = {};
  process_ = std::move(fresh);
  trust_ = std::move(bytes);
  wanted_ = ready_ = true;
  timer_.arm(std::nullopt);
  watch();
  return {};
}

std::optional<pid_t> Examiner::pid() const {
  return process_ ? std::optional(process_->pid()) : std::nullopt;
}

void Examiner::watch() {
  source_ = loop_.io(process_->fd(), [this](Loop::Readiness) { on_readable(); });
}

void Examiner::start_again() {
  const base::Instant now = Loop::now();
  if (!wanted_ || process_) return;
  if (!starts_.take(now)) return timer_.arm(now + kRetry);
  auto fresh = ExaminerProcess::start(program_, trust_);
  if (!fresh) {
    tell_(fresh.error());
    return timer_.arm(now + kRetry);
  }
  process_ = *std::move(fresh);
  ready_ = false;
  started_ = now;
  timer_.arm(now + kExaminerStart);
  watch();
}

void Examiner::lose(const std::string& why) {
  source_ = {};
  const std::string how = process_->end();
  process_.reset();
  ready_ = false;
  tell_("the process that examines certificates is lost (" + why + ": " + how + "); another one is started");
  start_again();
}

bool Examiner::is_ready_within(base::Duration at_most) {
  if (ready_ || !process_) return ready_;
  const auto ready = process_->become_ready(at_most);
  if (!ready) {
    lose(ready.error());
    return false;
  }
  ready_ = *ready;
  if (ready_) timer_.arm(std::nullopt);
  return ready_;
}

// Whoever speaks without being asked is not to be believed in the next answer.
void Examiner::on_readable() {
  if (!ready_) return static_cast<void>(is_ready_within({}));
  const auto said = process_->become_ready({});
  if (said && !*said) return;
  lose(said ? "it speaks unasked" : said.error());
}

void Examiner::on_timer() {
  if (!process_) return start_again();
  if (!ready_) lose("it is not ready in time");
}

base::Result<base::Bytes, pki::Error> Examiner::ask(base::ByteView request) {
  if (request.size() > pki::kMaxExamination) {
    return std::unexpected(pki::Error{pki::ErrorCode::kTooLarge, "more certificates than are examined"});
  }
  start_again();
  const base::Duration left = started_ + kExaminerPatience - Loop::now();
  if (!is_ready_within(std::max(left, base::Duration::zero()))) {
    return std::unexpected(not_now("the process that does it is being started"));
  }
  auto answer = process_->ask(request, kExaminerPatience);
  if (answer) return *std::move(answer);
  lose(answer.error());
  return std::unexpected(not_now("the process that does it was lost over it, or a moment before"));
}

template <class Found>
Found Examiner::understood(Found found) {
  if (!found && found.error().code == pki::ErrorCode::kNotExamined) lose("its answer says nothing");
  return found;
}

base::Result<pki::Facts, pki::Error> Examiner::describe(base::ByteView certificate) {
  const auto answer = ask(pki::ask_to_describe(++asked_, certificate));
  return answer ? understood(pki::described(*answer)) : std::unexpected(answer.error());
}

base::Result<pki::Examined, pki::Error> Examiner::examine(std::span<const base::ByteView> chain, pki::Time now) {
  const auto answer = ask(pki::ask_to_examine(++asked_, chain, now));
  return answer ? understood(pki::examined(*answer)) : std::unexpected(answer.error());
}

base::Result<void, pki::Error> Examiner::check_signature(base::ByteView certificate, base::ByteView bytes,
                                                         base::ByteView signature) {
  const auto answer = ask(pki::ask_to_check(++asked_, certificate, bytes, signature));
  return answer ? understood(pki::checked(*answer)) : std::unexpected(answer.error());
}

}  // namespace tedd

// Keeps a process that examines certificates (examiner_process.hpp), and starts another one when it ends or is stuck.
// It never holds tedd up for long: what cannot be examined is not proven.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "daemon/examiner_process.hpp"
#include "daemon/loop.hpp"
#include "engine/token_bucket.hpp"
#include "platform/pki/examination.hpp"
#include "platform/pki/examiner.hpp"
#include "platform/pki/trust_store.hpp"

namespace tedd {

/// A request that is not answered in that time is not answered any more; likewise how long requests, all together, wait
/// for one that was started. Signatures take less than a thousandth of it.
inline constexpr base::Duration kExaminerPatience = std::chrono::milliseconds(250);
/// For one to become ready with long revocation lists.
inline constexpr base::Duration kExaminerStart = std::chrono::seconds(10);
/// How often another one is started: a second on the average, a few at once. With kExaminerPatience, what a stuck one
/// costs is bounded by them.
inline constexpr double kExaminerStarts = 0.5;
inline constexpr double kExaminerStartsAtOnce = 3;

class Examiner final : public pki::Examiner {
 public:
  /// `tell` hears of each that was lost, and why. The loop lives longer.
  Examiner(Loop& loop, std::function<void(const std::string&)> tell, std::string program = "/proc/self/exe");

  /// From now on by these authorities and lists: starts a process that has them, and waits for it, at most
  /// kExaminerStart. With an error the one before stays.
  [[nodiscard]] base::Result<void, std::string> use(const pki::TrustStore& trust);
  /// Of the process, when there is one.
  [[nodiscard]] std::optional<pid_t> pid() const;

  [[nodiscard]] base::Result<pki::Facts, pki::Error> describe(base::ByteView certificate) override;
  [[nodiscard]] base::Result<pki::Examined, pki::Error> examine(std::span<const base::ByteView> chain,
                                                                pki::Time now) override;
  [[nodiscard]] base::Result<void, pki::Error> check_signature(base::ByteView certificate, base::ByteView bytes,
                                                               base::ByteView signature) override;

 private:
  [[nodiscard]] base::Result<base::Bytes, pki::Error> ask(base::ByteView request);
  /// What was read of an answer; who gave one that nobody understands is not asked again.
  template <class Found>
  [[nodiscard]] Found understood(Found found);
  void watch();
  void start_again();
  /// Nothing that was asked is outstanding.
  void on_readable();
  void on_timer();
  void lose(const std::string& why);
  [[nodiscard]] bool is_ready_within(base::Duration at_most);

  Loop& loop_;
  std::function<void(const std::string&)> tell_;
  std::string program_;
  base::Bytes trust_;
  pki::RequestNumber asked_ = 0;
  bool wanted_ = false;
  bool ready_ = false;
  base::Instant started_{};
  engine::TokenBucket starts_{kExaminerStarts, kExaminerStartsAtOnce};
  std::optional<ExaminerProcess> process_;
  Loop::Source timer_;
  Loop::Source source_;  // goes before what it watches
};

}  // namespace tedd

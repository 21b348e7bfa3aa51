// One process that examines certificates (examiner_child.hpp), seen from tedd.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace tedd {

/// Killed when it is destroyed.
class ExaminerProcess {
 public:
  /// Starts `program` as one that trusts those (pki::encode_trust()); it is of use when it is ready. What fails is
  /// said.
  [[nodiscard]] static base::Result<ExaminerProcess, std::string> start(const std::string& program,
                                                                        base::ByteView trust);
  ExaminerProcess(ExaminerProcess&&) noexcept;
  ExaminerProcess& operator=(ExaminerProcess&&) noexcept;
  ~ExaminerProcess();

  /// Readable when it has become ready, or has ended.
  [[nodiscard]] int fd() const { return socket_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

  /// True when it said that it is ready; false when it has not yet after so long; or why it never will be.
  [[nodiscard]] base::Result<bool, std::string> become_ready(base::Duration at_most);
  /// How it ended, for people; kills it when it has not.
  [[nodiscard]] std::string end();
  /// Its answer to one request; why there is none after so long, or it is the answer to another one. Then it is of no
  /// use any more.
  [[nodiscard]] base::Result<base::Bytes, std::string> ask(base::ByteView request, base::Duration at_most);

 private:
  ExaminerProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  [[nodiscard]] base::Result<base::Bytes, std::string> hear(base::Duration at_most);

  pid_t pid_ = -1;
  int socket_ = -1;
};

}  // namespace tedd

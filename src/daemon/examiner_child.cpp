#include "daemon/examiner_child.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/pki/examination.hpp"
#include "platform/pki/openssl_setup.hpp"
#include "platform/rights/confine.hpp"

namespace tedd {

namespace {

/// Of a hundred thousand revocations, several times over.
constexpr std::size_t kMemory = std::size_t{512} << 20;

bool say(base::ByteView bytes) {
  return ::send(kExaminerSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
}

int fail(const std::string& why) {
  say(pki::say_unfit(why));
  return 1;
}

// By its offset: an earlier one of these may have read the same open file.
base::Bytes trust_bytes() {
  base::Bytes all;
  base::Bytes part(std::size_t{64} << 10);
  for (;;) {
    const ssize_t count = ::pread(kExaminerTrust, part.data(), part.size(), static_cast<off_t>(all.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return all;
    all.insert(all.end(), part.begin(), part.begin() + count);
  }
}

}  // namespace

// The signals that end tedd, or have it reload, reach its whole group; this one goes when tedd does.
int examine_until_closed() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_IGN);
  // Dates are compared in UTC all the same, and the C library would open a file to know that.
  ::setenv("TZ", "UTC0", 1);  // NOLINT(concurrency-mt-unsafe): it has one thread
  ::tzset();
  pki::read_openssl_files();
  if (const auto confined = rights::confine(kMemory); !confined) return fail(confined.error());
  const auto trust = pki::decode_trust(trust_bytes());
  ::close(kExaminerTrust);
  if (!trust) return fail(trust.error().message);
  pki::LocalExaminer examiner(*trust);
  base::Bytes request(pki::kMaxExamination);
  for (base::Bytes answer = pki::say_ready(); say(answer);) {
    const ssize_t length = ::recv(kExaminerSocket, request.data(), request.size(), 0);
    if (length <= 0) return 0;
    answer = pki::answer(examiner, base::ByteView(request).first(static_cast<std::size_t>(length)));
  }
  return 0;
}

}  // namespace tedd

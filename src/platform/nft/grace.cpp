#include "platform/nft/grace.hpp"

#include <cerrno>
#include <cstring>
#include <linux/membarrier.h>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/rights/capabilities.hpp"

namespace nft {
namespace {

// MEMBARRIER_CMD_GLOBAL is synchronize_rcu() (kernel/sched/membarrier.c), but with nohz_full it is refused, and with
// one processor it does nothing, although a preemptible kernel may have put a reader aside there.
bool by_membarrier() {
  return ::sysconf(_SC_NPROCESSORS_ONLN) > 1 && ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0;
}

}  // namespace

// A packet socket ends with synchronize_net() (packet_release() of net/packet/af_packet.c); protocol 0 receives
// nothing.
base::Result<void, Error> wait_for_packets() {
  if (by_membarrier()) return {};
  const rights::Raised raised({rights::Capability::kNetRaw});
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::unexpected(Error{std::string("no packet socket: ") + std::strerror(errno)});
  ::close(socket);
  return {};
}

}  // namespace nft

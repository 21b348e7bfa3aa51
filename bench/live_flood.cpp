#include "live_flood.hpp"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <limits>
#include <memory>
#include <net/if.h>
#include <unistd.h>

#include "flood_layout.h"

namespace bench {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint32_t kBatch = 64;

struct Closer {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, Closer>;

std::unexpected<std::string> failed(const char* what, int negative) {
  return std::unexpected(std::string(what) + ": " + std::strerror(-negative));
}

std::uint64_t since_boot() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * kNanosecondsPerSecond + static_cast<std::uint64_t>(time.tv_nsec);
}

int map_of(const Object& object, const char* name) {
  return bpf_object__find_map_fd_by_name(object.get(), name);
}

bool put_frames(const Object& object, std::span<const base::Bytes> frames) {
  for (std::uint32_t i = 0; i < frames.size(); ++i) {
    FloodFrame one{};
    one.length = static_cast<std::uint32_t>(frames[i].size());
    std::ranges::copy(frames[i], std::begin(one.bytes));
    if (bpf_map_update_elem(map_of(object, "flood_frames"), &i, &one, BPF_ANY) != 0) return false;
  }
  return true;
}

/// Until the alarm rings, which the run answers with EINTR: to begin one takes the kernel some 20 ms of waiting.
int run(const Object& object, const base::Bytes& sample, unsigned seconds) {
  struct sigaction action{};
  action.sa_handler = [](int) {};
  ::sigaction(SIGALRM, &action, nullptr);
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  options.data_in = sample.data();
  options.data_size_in = static_cast<std::uint32_t>(sample.size());
  options.repeat = std::numeric_limits<int>::max();
  options.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
  options.batch_size = kBatch;
  ::alarm(seconds);
  return bpf_prog_test_run_opts(bpf_program__fd(bpf_object__find_program_by_name(object.get(), "flood")), &options);
}

}  // namespace

base::Result<std::uint64_t, std::string> flood_live(const std::string& interface, std::span<const base::Bytes> frames,
                                                    unsigned seconds, std::uint64_t a_second) {
  if (frames.empty() || frames.front().size() > FLOOD_LONGEST) return std::unexpected("frames are missing or too long");
  const Object object(bpf_object__open_file(OPENTED_FLOOD_OBJECT, nullptr));
  if (!object) return failed("the flood's program cannot be opened", -errno);
  bpf_map__set_max_entries(bpf_object__find_map_by_name(object.get(), "flood_frames"),
                           static_cast<std::uint32_t>(frames.size()));
  if (const int done = bpf_object__load(object.get()); done != 0) return failed("the kernel refuses the flood", done);
  FloodState state{};
  state.interval = a_second == 0 ? 0 : kNanosecondsPerSecond / a_second;
  state.due = since_boot();
  state.frames = static_cast<std::uint32_t>(frames.size());
  state.interface = ::if_nametoindex(interface.c_str());
  const std::uint32_t zero = 0;
  if (!put_frames(object, frames) || bpf_map_update_elem(map_of(object, "flood_state"), &zero, &state, BPF_ANY) != 0) {
    return failed("the flood's maps", -errno);
  }
  if (const int done = run(object, frames.front(), seconds); done != 0 && done != -EINTR) {
    return failed("the kernel runs no live frames", done);
  }
  if (bpf_map_lookup_elem(map_of(object, "flood_state"), &zero, &state) != 0)
    return failed("the flood's count", -errno);
  return state.sent;
}

}  // namespace bench

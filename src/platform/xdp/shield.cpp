#include "platform/xdp/shield.hpp"

#include <array>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <linux/if_link.h>
#include <map>
#include <net/if.h>
#include <net/if_arp.h>
#include <span>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "platform/rights/capabilities.hpp"
#include "platform/xdp/object.hpp"
#include "platform/xdp/shield_layout.h"

namespace xdp {
namespace {

Error error_of(int system) {
  switch (system) {
    case EPERM:
    case EACCES: return {ErrorCode::kNoPermission, system};
    case ENOSYS:
    case EINVAL: return {ErrorCode::kNotSupported, system};
    case ENODEV: return {ErrorCode::kNoInterface, system};
    case EBUSY:
    case EEXIST: return {ErrorCode::kBusy, system};
    case EOPNOTSUPP:
    case ERANGE:
    case ENOMEM: return {ErrorCode::kNoDriver, system};
    default: return {ErrorCode::kOther, system};
  }
}

/// The least program that there is, to tell whether none is taken or ours is not.
bool takes_programs() {
  bpf_insn pass{};
  pass.code = BPF_ALU64 | BPF_MOV | BPF_K;
  pass.imm = XDP_PASS;
  bpf_insn exit{};
  exit.code = BPF_JMP | BPF_EXIT;
  const std::array program{pass, exit};
  const int fd =
      bpf_prog_load(BPF_PROG_TYPE_XDP, "opented_pass", "Apache-2.0", program.data(), program.size(), nullptr);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};

/// A descriptor of the kernel's link between program and interface: closing it takes the program away.
class Link {
 public:
  explicit Link(int fd) : fd_(fd) {}
  Link(Link&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Link& operator=(Link&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Link() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  int fd_;
};

struct Place {
  unsigned index = 0;
  Mode mode{};
  Link link{-1};
};

bool is_ethernet(const std::string& interface) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const Link closing(fd);
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  return ::ioctl(fd, SIOCGIFHWADDR, &request) == 0 && request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
}

base::Result<Link, Error> link_to(int program, unsigned index, Mode mode) {
  const rights::Raised raised({rights::Capability::kBpf, rights::Capability::kPerfmon, rights::Capability::kNetAdmin});
  bpf_link_create_opts options{};
  options.sz = sizeof(options);
  options.flags = mode == Mode::kNative ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
  const int fd = bpf_link_create(program, static_cast<int>(index), BPF_XDP, &options);
  if (fd < 0) return std::unexpected(error_of(-fd));
  return Link(fd);
}

int silent(libbpf_print_level /*level*/, const char* /*format*/, va_list /*values*/) {
  return 0;
}

}  // namespace

struct Shield::State {
  std::unique_ptr<bpf_object, CloseObject> object;
  int program = -1;  ///< the object's own
  int counts = -1;   ///< likewise
  std::map<std::string, Place> places;
};

Shield::Shield(std::unique_ptr<State> state) : state_(std::move(state)) {}
Shield::Shield(Shield&&) noexcept = default;
Shield& Shield::operator=(Shield&&) noexcept = default;
Shield::~Shield() = default;

base::Result<Shield, Error> Shield::load() {
  const rights::Raised raised({rights::Capability::kBpf, rights::Capability::kPerfmon, rights::Capability::kNetAdmin});
  libbpf_set_print(silent);  // an error says it all, and the log is ours
  auto state = std::make_unique<State>();
  const auto bytes = shield_object();
  state->object.reset(bpf_object__open_mem(bytes.data(), bytes.size(), nullptr));
  if (!state->object) return std::unexpected(error_of(errno));
  if (const int status = bpf_object__load(state->object.get()); status < 0) {
    return std::unexpected(takes_programs() ? Error{ErrorCode::kRefused, -status} : error_of(-status));
  }
  state->program = bpf_program__fd(bpf_object__find_program_by_name(state->object.get(), "opented_shield"));
  state->counts = bpf_object__find_map_fd_by_name(state->object.get(), "shield_counts");
  return Shield(std::move(state));
}

base::Result<Mode, Error> Shield::attach(const std::string& interface, Wish wish) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  const auto known = state_->places.find(interface);
  if (known != state_->places.end()) {
    if (index != 0 && known->second.index == index) return known->second.mode;
    state_->places.erase(known);
  }
  if (index == 0) return std::unexpected(Error{ErrorCode::kNoInterface, ENODEV});
  if (!is_ethernet(interface)) return std::unexpected(Error{ErrorCode::kNotEthernet, 0});

  Mode mode = wish == Wish::kGeneric ? Mode::kGeneric : Mode::kNative;
  auto link = link_to(state_->program, index, mode);
  if (!link && wish == Wish::kAuto && link.error().code != ErrorCode::kBusy) {
    mode = Mode::kGeneric;
    link = link_to(state_->program, index, mode);
  }
  if (!link) return std::unexpected(link.error());
  state_->places.insert_or_assign(interface, Place{index, mode, *std::move(link)});
  return mode;
}

Counts Shield::counts() const {
  const rights::Raised raised({rights::Capability::kBpf, rights::Capability::kPerfmon, rights::Capability::kNetAdmin});
  const int processors = libbpf_num_possible_cpus();
  if (processors <= 0) return {};
  std::vector<std::uint64_t> each(static_cast<std::size_t>(processors));
  std::array<std::uint64_t, SHIELD_COUNTS> sums{};
  for (std::uint32_t what = 0; what < SHIELD_COUNTS; ++what) {
    if (bpf_map_lookup_elem(state_->counts, &what, each.data()) != 0) return {};
    for (const std::uint64_t value : each) sums[what] += value;
  }
  return {.seen = sums[SHIELD_SEEN],
          .over_source = sums[SHIELD_OVER_SOURCE],
          .over_newcomers = sums[SHIELD_OVER_NEWCOMERS],
          .over_all = sums[SHIELD_OVER_ALL]};
}

base::Result<bool, Error> Shield::passes(base::ByteView frame) const {
  const rights::Raised raised({rights::Capability::kBpf, rights::Capability::kPerfmon, rights::Capability::kNetAdmin});
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  if (const int status = bpf_prog_test_run_opts(state_->program, &options); status < 0) {
    return std::unexpected(error_of(-status));
  }
  return options.retval == XDP_PASS;
}

std::string_view text(Mode mode) {
  return mode == Mode::kNative ? "native" : "generic";
}

std::string text(const Error& error) {
  const std::string system = error.system != 0 ? std::string(" (") + std::strerror(error.system) + ")" : std::string();
  switch (error.code) {
    case ErrorCode::kNoPermission:
      return "the kernel does not permit it" + system + ": tedd needs CAP_BPF and CAP_NET_ADMIN";
    case ErrorCode::kNotSupported:
      return "this kernel does not take XDP programs" + system + ": write shield = \"off\"";
    case ErrorCode::kRefused:
      return "this kernel does not take the shield's program, though it takes others" + system +
             ": write shield = \"off\", and report it with the kernel's version";
    case ErrorCode::kNoInterface: return "there is no such interface now";
    case ErrorCode::kNotEthernet: return "it is no Ethernet interface, and the shield reads no other frames";
    case ErrorCode::kBusy:
      return "another XDP program is there, and stays: end what put it there, or write shield = \"off\"";
    case ErrorCode::kNoDriver: return "its driver does not take it" + system + ": write shield = \"generic\"";
    case ErrorCode::kOther: break;
  }
  return "the kernel refuses it" + system;
}

}  // namespace xdp

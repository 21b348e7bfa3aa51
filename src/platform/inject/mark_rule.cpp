#include "platform/inject/mark_rule.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/rights/capabilities.hpp"

namespace inject {
namespace {

constexpr std::array kFamilies = {AF_INET, AF_INET6};

/// One request about the rule: header, rule, and attributes that are four-byte values or one byte padded to four.
class Request {
 public:
  Request(std::uint16_t type, std::uint16_t flags, int family, std::uint8_t action) {
    header_.nlmsg_type = type;
    header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    fib_rule_hdr rule{};
    rule.family = static_cast<std::uint8_t>(family);
    rule.action = action;
    append(&rule, sizeof rule);
  }

  template <class T>
  void attribute(std::uint16_t type, T value) {
    const nlattr head{static_cast<std::uint16_t>(sizeof(nlattr) + sizeof value), type};
    append(&head, sizeof head);
    append(&value, sizeof value);
    used_ = (used_ + 3) & ~std::size_t{3};
  }

  /// 0, or the errno with which the kernel answers.
  [[nodiscard]] int ask(int socket) {
    header_.nlmsg_len = static_cast<std::uint32_t>(used_);
    std::memcpy(bytes_.data(), &header_, sizeof header_);
    if (::send(socket, bytes_.data(), used_, 0) < 0) return errno;
    struct {
      nlmsghdr header;
      nlmsgerr answer;
      std::array<char, 512> words;  // extended acknowledgement, not asked for
    } reply{};
    const ssize_t length = ::recv(socket, &reply, sizeof reply, MSG_TRUNC);
    if (length < 0) return errno;
    if (static_cast<std::size_t>(length) < sizeof(nlmsghdr) + sizeof(int)) return EBADMSG;
    return reply.header.nlmsg_type == NLMSG_ERROR ? -reply.answer.error : EBADMSG;
  }

 private:
  void append(const void* what, std::size_t size) {
    std::memcpy(bytes_.data() + used_, what, size);
    used_ += size;
  }

  nlmsghdr header_{};
  std::array<char, 128> bytes_{};
  std::size_t used_ = sizeof(nlmsghdr);
};

std::uint8_t action_of(Course course) {
  switch (course) {
    case Course::kMainTable: return FR_ACT_TO_TBL;
    case Course::kGoTo: return FR_ACT_GOTO;
    case Course::kNone: return FR_ACT_NOP;
  }
  return FR_ACT_UNSPEC;
}

int change(int socket, std::uint16_t type, std::uint16_t flags, int family, const Marked& marked) {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  Request request(type, flags, family, action_of(marked.course));
  request.attribute(FRA_PRIORITY, marked.priority);
  if (marked.mark != 0) {
    request.attribute(FRA_FWMARK, marked.mark);
    request.attribute(FRA_FWMASK, marked.mask);
  }
  if (marked.course == Course::kMainTable) request.attribute(FRA_TABLE, std::uint32_t{RT_TABLE_MAIN});
  if (marked.course == Course::kGoTo) request.attribute(FRA_GOTO, marked.target);
  request.attribute(FRA_PROTOCOL, kMarkRuleProtocol);
  return request.ask(socket);
}

bool has_no_rules(int system) {
  return system == EAFNOSUPPORT || system == EOPNOTSUPP;
}

std::unexpected<Error> failure(int system) {
  return std::unexpected(Error{system == EPERM ? ErrorCode::kNoPermission : ErrorCode::kRoutingRule, system});
}

}  // namespace

base::Result<MarkRule, Error> MarkRule::open(const Marked& marked) {
  const rights::Raised raised({rights::Capability::kNetAdmin});  // the kernel asks whose socket it is, too
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket < 0) return failure(errno);
  return MarkRule(socket, marked);
}

base::Result<MarkRule, Error> MarkRule::install(const Marked& marked) {
  TED_TRY(MarkRule rule, open(marked));
  if (const auto done = rule.restore(); !done) return std::unexpected(done.error());
  return rule;
}

base::Result<bool, Error> MarkRule::restore() {
  bool was_missing = false;
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    const int system = change(socket_, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, kFamilies[i], marked_);
    if (system != 0 && system != EEXIST && !has_no_rules(system)) return failure(system);
    owned_[i] |= system == 0;
    was_missing |= system == 0;
  }
  return was_missing;
}

base::Result<bool, Error> MarkRule::remove(const Marked& marked) {
  TED_TRY(const MarkRule rule, open(marked));
  bool was_there = false;
  for (const int family : kFamilies) {
    const int system = change(rule.socket_, RTM_DELRULE, 0, family, marked);
    if (system != 0 && system != ENOENT && !has_no_rules(system)) return failure(system);
    was_there |= system == 0;
  }
  return was_there;
}

MarkRule& MarkRule::operator=(MarkRule&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(marked_, other.marked_);
  std::swap(owned_, other.owned_);
  return *this;
}

MarkRule::~MarkRule() {
  if (socket_ < 0) return;
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    if (owned_[i]) static_cast<void>(change(socket_, RTM_DELRULE, 0, kFamilies[i], marked_));
  }
  ::close(socket_);
}

}  // namespace inject

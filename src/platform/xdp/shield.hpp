// The shield: a program at the outside interfaces that drops discovery datagrams beyond a rate before they cost
// anything, and counts them. shield.bpf.c says what it drops, shield_layout.h how much is too much.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace xdp {

enum class ErrorCode : std::uint8_t {
  kNoPermission,  ///< CAP_BPF or CAP_NET_ADMIN is missing
  kNotSupported,  ///< this kernel takes no XDP programs
  kRefused,       ///< it takes others, but not ours
  kNoInterface,   ///< it does not exist now: attach again when it does
  kNotEthernet,   ///< its frames begin with something else, which the program would not read
  kBusy,          ///< another XDP program is there; it stays
  kNoDriver,      ///< its driver runs no programs (Wish::kNative), or not with its present settings
  kOther,         ///< `system` says what
};

struct Error {
  ErrorCode code{};
  int system = 0;  ///< errno
};

/// For the log: what is missing and the way out.
[[nodiscard]] std::string text(const Error& error);

enum class Mode : std::uint8_t {
  kNative,   ///< in the driver, ahead of the kernel's own buffer
  kGeneric,  ///< behind it: works on every device, and costs some of what the shield saves
};
[[nodiscard]] std::string_view text(Mode mode);

enum class Wish : std::uint8_t { kNative, kGeneric, kAuto /**< native, and where that fails generic */ };

/// On all interfaces together, since load().
struct Counts {
  std::uint64_t seen = 0;            ///< discovery datagrams that arrived
  std::uint64_t over_source = 0;     ///< dropped: their source sends too many
  std::uint64_t over_newcomers = 0;  ///< dropped: too many sources that had not been heard lately
  std::uint64_t over_all = 0;        ///< dropped: too many in all

  bool operator==(const Counts&) const = default;
};

/// The loaded program and where it stands. It leaves every interface with this object, or with the process, however
/// that ends.
class Shield {
 public:
  [[nodiscard]] static base::Result<Shield, Error> load();
  Shield(Shield&&) noexcept;
  Shield& operator=(Shield&&) noexcept;
  ~Shield();

  /// Puts it at an interface of the calling thread's network namespace and says how. Asked again for one where it
  /// stands, it changes nothing; one that was replaced by another of the same name is found.
  [[nodiscard]] base::Result<Mode, Error> attach(const std::string& interface, Wish wish);

  /// All zero when the kernel does not tell.
  [[nodiscard]] Counts counts() const;

  /// Whether the program would let a frame pass, for tests; it counts as any other.
  [[nodiscard]] base::Result<bool, Error> passes(base::ByteView frame) const;

 private:
  struct State;
  explicit Shield(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace xdp

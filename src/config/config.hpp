// The configuration file as a plain value: read and validated as a whole, then swapped in as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/address_set.hpp"
#include "base/result.hpp"
#include "policy/rule.hpp"

namespace config {

/// How the shield stands at the interfaces.
enum class Shield : std::uint8_t {
  kOff,
  kAuto,     ///< in the driver, or behind it where the driver has no place for programs
  kNative,   ///< in the driver
  kGeneric,  ///< behind it
};

enum class Mode : std::uint8_t {
  kProtect,
  kObserve,  ///< no guard and no tunnels: it finds out what would be protected by whom
};

/// [gateway]
struct Gateway {
  Mode mode = Mode::kProtect;
  std::vector<base::Address> addresses;  ///< tunnel endpoints, at least one, no two the same
  std::vector<std::string> interfaces;   ///< where probes are taken off the wire, at least one
  std::string control = "/run/opented/tedd.sock";
  std::string readers;                 ///< a group whose members may look, and not change anything; empty: nobody
  std::optional<std::string> metrics;  ///< HOST:PORT; nothing: no metrics
  Shield shield = Shield::kOff;

  bool operator==(const Gateway&) const = default;
};

enum class Auth : std::uint8_t { kPsk, kCert };

/// What becomes of a peer that claims more than it may speak for.
enum class Excess : std::uint8_t {
  kRefuse,  ///< no tunnel with it
  kNarrow,  ///< a tunnel for the part that it may speak for, when the packet that asks is in it
};

/// [ike]
struct Ike {
  std::string socket = "unix:///run/charon.vici";
  Auth auth = Auth::kPsk;
  std::string psk_file;          ///< a relative one begins at the file's folder; what is in it is load_psk()'s to say
  std::string cert;              ///< of kCert: this gateway's, and those between it and an authority; a file as above
  std::string key;               ///< its private key
  std::vector<std::string> ca;   ///< whom to trust; of kCert at least one
  std::vector<std::string> crl;  ///< their revocation lists
  std::string id;                ///< what this gateway calls itself; empty: what its certificate does
  Excess excess = Excess::kRefuse;
  std::vector<std::string> esp;  ///< strongSwan proposals; empty: charon's default
  std::vector<std::string> ike;  ///< likewise

  bool operator==(const Ike&) const = default;
};

/// [[peer]]: what a peer of that identity may speak for.
struct Peer {
  std::string identity;  ///< as its certificate names it: a DNS name, an address or a subject
  base::AddressSet prefixes;

  bool operator==(const Peer&) const = default;
};

/// [discovery]: how gateways that find each other prove who they are.
struct Discovery {
  std::vector<std::string> key_files;  ///< the first one proves, each of them is taken; paths as `psk_file`
  bool sign = false;                   ///< with the certificate of [ike]
  bool require = false;                ///< a protect rule that does not say wants its peers authenticated

  [[nodiscard]] bool proves() const { return sign || !key_files.empty(); }
  bool operator==(const Discovery&) const = default;
};

enum class Side : std::uint8_t { kLocal, kRemote };

/// `interface:NAME` in a rule: what it stands for is no matter of the file. See resolve().
struct InterfaceUse {
  std::size_t rule = 0;  ///< which of Config::rules
  Side side{};
  std::string name;          ///< of the interface
  std::uint32_t line = 0;    ///< where the file says so
  std::uint32_t column = 0;  ///< likewise

  bool operator==(const InterfaceUse&) const = default;
};

struct Config {
  Gateway gateway;
  Ike ike;
  std::vector<Peer> peers;  ///< no two of one identity
  Discovery discovery;
  std::vector<policy::Rule> rules;           ///< [[rule]], in the order of the file, without what interfaces stand for
  std::vector<InterfaceUse> interface_uses;  ///< in the order of the rules, of one rule the local side's first

  bool operator==(const Config&) const = default;
};

/// One mistake in a file and the way out of it.
struct ConfigError {
  std::string file;
  std::uint32_t line = 0;    ///< from 1; 0 when the mistake has no place, such as a file that cannot be read
  std::uint32_t column = 0;  ///< from 1, in characters
  std::string message;
  std::string hint;  ///< may be empty

  /// `FILE:LINE:COLUMN: MESSAGE (HINT)`
  [[nodiscard]] std::string text() const;

  bool operator==(const ConfigError&) const = default;
};

/// The configuration in `text`, or every mistake in it in the order of the file (of broken TOML syntax the first only).
/// `file` is for messages. Touches nothing outside: it does not look whether interfaces, sockets or key files exist.
[[nodiscard]] base::Result<Config, std::vector<ConfigError>> parse(std::string_view text, const std::string& file);

/// What is in `file`, or one error that says why it cannot be read.
[[nodiscard]] base::Result<std::string, std::vector<ConfigError>> read(const std::string& file);

/// parse() of what is in `file`, or one error that says why it cannot be read.
[[nodiscard]] base::Result<Config, std::vector<ConfigError>> load(const std::string& file);

}  // namespace config

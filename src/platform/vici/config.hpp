// What we load into charon: the wildcard connection for incoming peers, and one connection per peer while we start a
// tunnel.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "platform/vici/message.hpp"
#include "platform/vici/selector_text.hpp"

namespace vici {

/// Proposals in strongSwan's syntax; empty leaves charon's defaults.
struct Proposals {
  std::vector<std::string> ike;
  std::vector<std::string> esp;
};

/// How IKE authenticates with certificates. All in DER: charon gets them with each connection.
struct Certificates {
  std::string local_id;  ///< one of the names in `own`
  std::string own;       ///< the gateway's
  List authorities;      ///< a peer's certificate is to be of one of them, and what is between `own` and an authority
};
/// Null: both ends prove that they know the shared secret.
using CertificatesPtr = std::shared_ptr<const Certificates>;

/// A CHILD_SA's configuration: every local entry with every remote entry.
struct Child {
  std::string name;
  std::vector<std::string> local_ts;
  std::vector<std::string> remote_ts;

  bool operator==(const Child&) const = default;
};

/// Selectors as one child. They must be a product: some local ends times some remote ends, as policy's carving gives
/// them. Errors: kSelectorNotProduct, and those of to_ts(); the caller drops the selectors, nothing was loaded.
[[nodiscard]] Result<Child> child_of(std::string name, std::span<const base::Selector> selectors);

/// What incoming peers may ask for. With a shared secret both ends identify themselves by the address that they are
/// spoken to at, so that a gateway with several addresses needs no list of names. With certificates a peer may have any
/// identity: who may claim what is judged when the CHILD_SA stands.
struct ResponderConfig {
  std::vector<base::Address> local_addresses;
  Proposals proposals;
  CertificatesPtr certificates{};
  /// In the order of preference. Charon takes the child that fits a request best and narrows the request to it; between
  /// equals the first wins.
  std::vector<Child> children;
};

/// One tunnel to start.
struct Initiation {
  std::string name;  ///< the child's name, to know it again in TunnelUp; at most 255 bytes
  base::Address local;
  base::Address peer;
  std::vector<std::string> local_ts;
  std::vector<std::string> remote_ts;
  Proposals proposals;
  CertificatesPtr certificates{};
};

/// `opented-192.0.2.1`
[[nodiscard]] std::string connection_name(const base::Address& peer);

/// The argument of load-conn for each. `also` are children that an incoming request from that very peer may meet while
/// the connection is loaded: charon prefers the connection that names the peer to the wildcard one.
[[nodiscard]] Message responder_connection(const ResponderConfig& config);
[[nodiscard]] Message initiator_connection(const Initiation& initiation, std::span<const Child> also);

}  // namespace vici

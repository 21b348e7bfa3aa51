// A netlink socket to nftables, for what is too much to be said in text.
#pragma once

#include <functional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/nft/batch.hpp"
#include "platform/nft/error.hpp"

namespace nft {

/// The part of a Client that speaks the kernel's own language. Movable.
class Link {
 public:
  [[nodiscard]] static base::Result<Link, Error> open();
  Link(Link&& other) noexcept;
  Link& operator=(Link&& other) noexcept;
  ~Link();

  /// All that is in the batch is done, or none. Fails with the first object that the kernel refuses, and its reason.
  /// An empty batch is no transaction.
  [[nodiscard]] base::Result<void, Error> run(Batch batch) const;

  /// What one listing names: `kind` (NFT_MSG_GET…) of the guard's table, of one of its chains when `chain` is not
  /// empty. `visit` has the attributes of each object. Fails when the kernel refuses, or when somebody changes rules
  /// again and again meanwhile.
  [[nodiscard]] base::Result<void, Error> list(int kind, const std::string& chain,
                                               const std::function<void(base::ByteView)>& visit) const;

  /// Likewise of all tables of one family, NFPROTO_….
  [[nodiscard]] base::Result<void, Error> list_all(int kind, std::uint8_t family,
                                                   const std::function<void(base::ByteView)>& visit) const;

 private:
  [[nodiscard]] base::Result<void, Error> ask_for(const base::Bytes& question,
                                                  const std::function<void(base::ByteView)>& visit) const;
  explicit Link(int socket) : socket_(socket) {}
  /// Whether the listing is of one state.
  [[nodiscard]] base::Result<bool, Error> read_list(std::vector<base::Bytes>& objects) const;

  int socket_ = -1;
};

}  // namespace nft

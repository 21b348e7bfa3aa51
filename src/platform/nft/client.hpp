// A conversation with nftables.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct nft_ctx;

namespace nft {

/// What nft said, in its own words, without the drawing of the place; and the text's first line, for the log.
struct Error {
  std::string message;
};

/// One context of libnftables and one netlink socket, bound to the network namespace in which it was made. Movable; not
/// for two threads at a time. Rights: CAP_NET_ADMIN in that namespace.
///
/// A table with `flags owner` lives as long as the Client that made it. libnftables opens its socket anew when somebody
/// else changes rules while it reads them, which ends such a table; so give the interception a Client of its own and
/// run nothing but interception_ruleset() in it, which never reads and makes the whole table again.
class Client {
 public:
  /// Fails when there is no memory; a lack of rights shows at the first run().
  [[nodiscard]] static base::Result<Client, Error> open();

  /// Runs the commands of `text` as one transaction: all are done, or none. Fails with nft's words when one is wrong or
  /// the kernel refuses (no rights, no such expression, no memory): nothing has changed then.
  [[nodiscard]] base::Result<void, Error> run(const std::string& text);

  /// What `nft list table TABLE` prints ("inet opented"); an error when there is no such table.
  [[nodiscard]] base::Result<std::string, Error> list(std::string_view table);

  /// True when the table exists. An error only when the kernel cannot be asked.
  [[nodiscard]] base::Result<bool, Error> exists(std::string_view table);

  /// Takes the guard away: protected traffic then passes in the clear. No error when there is none.
  [[nodiscard]] base::Result<void, Error> delete_guard();

 private:
  struct Free {
    void operator()(nft_ctx* context) const;
  };
  explicit Client(nft_ctx* context) : context_(context) {}

  std::unique_ptr<nft_ctx, Free> context_;
};

}  // namespace nft

// A conversation with nftables.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "platform/nft/batch.hpp"
#include "platform/nft/error.hpp"
#include "platform/nft/link.hpp"

struct nft_ctx;

namespace nft {

/// One context of libnftables with its netlink socket, and a Link for what is too much to be said in text, bound to the
/// network namespace in which they were made. Movable; not for two threads at a time. Rights: CAP_NET_ADMIN in that
/// namespace.
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

  /// The same of a batch: fails with the first object that the kernel refuses. Nothing is done for an empty one.
  [[nodiscard]] base::Result<void, Error> run(Batch batch);

  /// How many transactions the kernel has taken from this Client.
  [[nodiscard]] std::uint32_t transactions() const { return transactions_; }

  /// To ask what stands in the guard's table.
  [[nodiscard]] const Link& link() const { return link_; }

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
  using Context = std::unique_ptr<nft_ctx, Free>;
  Client(Context context, Link link) : context_(std::move(context)), link_(std::move(link)) {}
  [[nodiscard]] base::Result<void, Error> say(const std::string& text);

  Context context_;
  Link link_;
  std::uint32_t transactions_ = 0;
};

}  // namespace nft

// The glue to one running charon (strongSwan's IKE daemon): typed operations and events over vici. It decides nothing:
// what to load, to start and to end is the caller's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "platform/vici/attempt.hpp"
#include "platform/vici/config.hpp"
#include "platform/vici/confirmations.hpp"
#include "platform/vici/connection.hpp"
#include "platform/vici/endings.hpp"
#include "platform/vici/tunnel.hpp"

namespace vici {

/// Identities whose certificates are still to be asked for: of as many tunnels as the engine keeps.
inline constexpr std::size_t kMaxQueuedListings = 65'536;
/// Initiations that charon works on at a time. One per peer: they share that peer's connection in charon.
inline constexpr std::size_t kMaxInitiations = 64;
/// Of one identity, in one listing.
inline constexpr std::size_t kMaxListedCertificates = 64;
/// Initiations that wait for a place.
inline constexpr std::size_t kMaxQueuedInitiations = 1024;

struct Version {
  std::string daemon;
  std::string version;
};

/// Where ESP is done, as the loaded plugins say: kernel-libipsec takes it over from the kernel.
enum class DataPlane { kUnknown, kKernel, kUserspace };

struct Stats {
  std::vector<std::string> plugins;
  DataPlane data_plane = DataPlane::kUnknown;
  std::uint32_t ike_sas = 0;
  std::uint32_t half_open = 0;
};

struct CharonHandlers {
  /// Connected and subscribed to events (then list_sas() tells what stands already), or not connected, with the reason.
  /// Called on changes only, and once for a first attempt that fails.
  std::function<void(bool connected, std::string_view words)> state;
  /// Where the selectors name protocols, charon is asked again until two readings agree; see has_names().
  std::function<void(const TunnelUp&)> up;
  std::function<void(const TunnelDown&)> down;
  std::function<void(const TunnelRekeyed&)> rekeyed;  ///< read again in the same way
  std::function<void(const IkeRekeyed&)> ike_rekeyed;
  /// After the TunnelDown of each of its CHILD_SAs. Without it charon is not asked to tell of IKE_SAs that come and go,
  /// which it does before it tells of their CHILD_SAs.
  std::function<void(const IkeSa&)> ike_down;
  /// end_child() is given up: the CHILD_SA may stand.
  std::function<void(std::uint32_t child_id, const Error& error)> not_ended;
};

/// Handlers and callbacks run inside on_readable() and on_deadline() only, never inside an operation; they may call
/// operations, but must not destroy the object. Every operation's callback is called exactly once, unless the object is
/// destroyed before.
class Charon {
 public:
  using Clock = std::function<base::Instant()>;
  template <class T>
  using Done = std::function<void(Result<T>)>;

  /// `clock` is the time line that on_deadline() is called with.
  Charon(std::string socket_path, CharonHandlers handlers, Clock clock);
  ~Charon();
  Charon(const Charon&) = delete;
  Charon& operator=(const Charon&) = delete;

  /// To wait on for reading: it outlives each single connection. -1 when the system gave none.
  [[nodiscard]] int fd() const { return poll_fd_; }
  void on_readable();
  /// The first connection is made at the first deadline, which is at once.
  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  void on_deadline(base::Instant now);
  [[nodiscard]] bool is_connected() const { return ready_; }
  /// Ends the connection, because what charon answers is of no use, and makes a new one after a pause that grows with
  /// each time.
  void reconnect(std::string_view words);

  /// Loads or replaces `opented-in`. What stands stays. kRefused: a proposal or a selector is not to charon's liking.
  void load_responder(const ResponderConfig& config, Done<void> done);
  /// True when charon holds `opented-in`: it is the process that load_responder() was answered by. One that started
  /// since holds nothing, and its ids begin anew.
  void holds_responder(Done<bool> done);
  /// Loads or replaces the secret for every peer.
  void load_psk(std::string_view secret, Done<void> done);
  /// Loads a private key, PKCS #8 in DER; `done` with charon's name for it, which unload_key() takes. Loading the same
  /// key again is no error, and leaves one.
  void load_key(base::ByteView der, Done<std::string> done);
  /// kRefused: it is not there.
  void unload_key(const std::string& name, Done<void> done);
  /// Loads a revocation list, DER, in place of an older one of its issuer. vici has no way to take one out again.
  void load_revocations(base::ByteView der, Done<void> done);
  /// The certificates, DER, that charon has of whoever has that identity: those that were loaded, and as many as its
  /// cache has room for of those that peers have sent and it trusted. More than kMaxListedCertificates are left out.
  /// Any number up to kMaxQueuedListings may be asked for at once: each waits until the connection has room for it.
  void list_certificates(const std::string& identity, Done<std::vector<base::Bytes>> done);
  /// Starts one tunnel with exactly these selectors; what charon needs is written before the call returns, unless the
  /// initiation has to wait for a place or for another one to the same peer. `timeout` counts from when charon gets to
  /// work on it. Failure kOther also when there is no connection to charon, or no place in the queue.
  void initiate(Initiation initiation, base::Duration timeout, InitiationHandler done);
  [[nodiscard]] std::size_t initiations() const { return attempts_.size() + waiting_.size(); }
  /// Gives up every initiation, running or waiting; each is told kOther.
  void cancel_initiations(std::string_view words);

  /// Every installed CHILD_SA of ours, read again where the selectors name protocols.
  void list_sas(Done<std::vector<TunnelUp>> done);
  /// Every IKE_SA of ours, also those without a CHILD_SA.
  void list_ikes(Done<std::vector<IkeSa>> done);
  /// Sees to the end of a CHILD_SA, and of what it is rekeyed to: asks again, with pauses, until TunnelDown or
  /// not_ended tells, or the connection ends. With `force`, and when it has not gone within Endings::kOrderly, the
  /// whole IKE_SA around it goes without waiting for the peer, with whatever else that carries.
  void end_child(std::uint32_t child_id, bool force);
  /// Ask for the end of a CHILD_SA or an IKE_SA; TunnelDown tells when it came. kRefused: there is none. `force` does
  /// not wait for the peer's answer.
  void terminate_child(std::uint32_t child_id, Done<void> done);
  void terminate_ike(std::uint32_t ike_id, bool force, Done<void> done);
  /// Asks for the end of every IKE_SA of ours, each forced; the peers are told. Done when charon has taken the orders.
  void terminate_all_own(Done<void> done);
  /// Takes every connection of ours and the secret out of charon; what stands stays. A secret that is not there is no
  /// error.
  void unload_all_own(Done<void> done);

  void version(Done<Version> done);
  void stats(Done<Stats> done);

 private:
  struct Waiting {
    Initiation initiation;
    base::Duration timeout{};
    InitiationHandler done;
  };
  struct Identity {
    std::string name;
    Done<std::vector<base::Bytes>> done;
  };
  /// list_sas() under way.
  struct Listing {
    Confirmations open;
    std::vector<TunnelUp> sure;
    Done<std::vector<TunnelUp>> done;
  };
  /// One command for each of many.
  struct Series {
    std::string command;
    std::deque<Message> messages{};
    Done<void> done{};
    std::size_t outstanding = 0;
    Result<void> result{};
  };

  void connect();
  void on_connected();
  void on_closed(const Error& reason);
  void on_event(std::string_view event, const Message& message);
  void set_ready(bool ready, std::string_view words);
  void request(std::string_view command, const Message& message, Connection::ReplyHandler handler);
  void simple(std::string_view command, const Message& message, Done<void> done);
  void each(const std::shared_ptr<Series>& series);
  template <class T, class Read>
  void list(const Message& filter, Read read, Done<std::vector<T>> done);
  void list_rest(const std::shared_ptr<Listing>& listing);
  void read_sas(const Message& filter, Done<std::vector<TunnelUp>> done);
  void read_ikes(const Message& filter, Done<std::vector<IkeSa>> done);
  void later(std::function<void()> what) { later_.push_back(std::move(what)); }
  void start_waiting();
  void start(Waiting waiting);
  void on_log(const Message& message);
  void on_up(const TunnelUp& up);
  void on_rekeyed(const TunnelRekeyed& rekeyed);
  void on_down(TunnelDown down);
  void follow(const Confirmations::Entry& entry, bool is_sure);
  void tell(const Confirmations::Entry& entry) const;
  void read_again();
  void ask_certificates();
  void ask_ends();
  void on_end_asked(std::uint32_t child_id, const Result<void>& asked);
  void end_around(std::uint32_t child_id);
  void tell_not_ended(std::uint32_t child_id, const Error& error) const;
  /// Half of the queue is for requests that cannot wait here.
  [[nodiscard]] bool has_room() const { return !main_ || main_->pending() < kMaxQueuedRequests / 2; }
  void ask(const std::shared_ptr<Attempt>& attempt);
  void look_at_attempts(base::Instant now);
  void look(const std::shared_ptr<Attempt>& attempt);
  void on_try_failed(const std::shared_ptr<Attempt>& attempt, const Failure& failure);
  void expire_attempts(base::Instant now);
  void fail(const std::shared_ptr<Attempt>& attempt, const Failure& failure);
  void hear_log();
  void unload(const std::shared_ptr<Attempt>& attempt);
  void settle();
  void expect();

  std::string path_;
  CharonHandlers handlers_;
  Clock clock_;
  int poll_fd_ = -1;
  std::unique_ptr<Connection> main_;
  std::uint32_t watched_ = 0;  // what poll_fd_ waits for on main_
  bool ready_ = false;
  bool told_ = false;
  base::Duration backoff_;
  base::Duration last_backoff_;  // before this connection
  std::optional<base::Instant> reconnect_at_;
  std::optional<base::Instant> silence_at_;  // main_ is busy and has not answered by then: it hangs
  std::uint64_t answered_ = 0;
  std::vector<Message> listed_;
  std::vector<base::Bytes> certificates_;  // listed
  std::deque<Identity> identities_;        // whose certificates wait to be listed
  Confirmations confirmations_;
  Endings endings_;
  std::vector<Child> responder_children_;
  std::list<std::shared_ptr<Attempt>> attempts_;
  bool hears_log_ = false;
  std::deque<Waiting> waiting_;
  std::vector<std::function<void()>> later_;
};

}  // namespace vici

// The control socket: lines in, lines out, nothing about what they say.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "daemon/client_places.hpp"
#include "daemon/loop.hpp"
#include "daemon/reader_pace.hpp"

namespace tedd {

/// One connected tool. Ids are never used twice.
enum class ClientId : std::uint64_t {};

/// Listens on a unix socket that only root and the members of one group may open; the kernel says who opened it, and
/// ClientPlaces whether there is room for it: who gets none is told so and closed. A client that sends an endless line,
/// or none within kLineWithin, is closed. One that does not read its answers is not read either, and one that does not
/// read its stream is closed. Every line is owed one line in answer: a client that says no more (`nc -N`) is closed
/// when it has them all, whenever they come. Who says many lines at once is heard one a turn of the loop: in between
/// come others, and all else that the loop has to do. What asks for much does so longer: see ReaderPace.
class ControlServer {
 public:
  /// From its connecting to the end of its first line, and from the first byte of each further line to its end.
  static constexpr base::Duration kLineWithin = std::chrono::seconds(10);
  /// So much is kept for a client, and the answer that passes it: an answer may have any size.
  static constexpr std::size_t kMaxUnread = std::size_t{4} << 20;
  /// So much for all of them: who is owed more is closed.
  static constexpr std::size_t kMaxUnreadInAll = std::size_t{64} << 20;
  /// Clients that the kernel keeps until they are accepted. A further one waits in connect() for its turn, which comes
  /// however many others push: lab 47.
  static constexpr int kWaiting = 16;
  /// While the process, or the machine, has no descriptor left nobody is accepted, and who waits is looked at so often.
  static constexpr base::Duration kAcceptAgain = std::chrono::milliseconds(100);
  /// How long close_all() waits for clients that read slowly, all together.
  static constexpr base::Duration kLastWords = std::chrono::milliseconds(500);

  /// Called with each whole line, without its line feed.
  using OnLine = std::function<void(ClientId, std::string_view line)>;
  using OnGone = std::function<void(ClientId)>;
  /// Called with a sentence about a client that was refused or closed: anybody who may connect can cause it.
  using OnTrouble = std::function<void(std::string)>;

  ControlServer(Loop& loop, OnLine on_line, OnGone on_gone, OnTrouble on_trouble = {},
                base::Duration line_within = kLineWithin);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// True when another process answers at that path.
  [[nodiscard]] static bool is_served(const std::string& path);

  /// What is wrong with `readers` as the name of a group; nothing when it is one, or empty.
  [[nodiscard]] static std::optional<std::string> fault_of_readers(const std::string& readers);

  /// Takes the path, and answers nobody yet. A socket file that nobody listens on any more is replaced; a live one is
  /// an error. Members of the group `readers` may open it as well; empty: nobody but its owner and root, and so
  /// when there is no such group: a gateway does not stay down for that, it warns.
  [[nodiscard]] base::Result<void, std::string> bind(const std::string& path, const std::string& readers = {});
  /// Answers from now on. After bind().
  [[nodiscard]] base::Result<void, std::string> listen();

  /// True when root or the owner of this process sits at the other end; false for who may only look, or has gone.
  [[nodiscard]] bool is_trusted(ClientId client) const;
  /// Sends a line; a line feed is added. Nothing when the client has gone.
  void send(ClientId client, std::string_view line);
  /// More lines than answers go to this client, until either side closes.
  void stream_to(ClientId client);
  /// Clients that found no place.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  /// Clients that were closed because they did not read.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  /// Clients that were closed because they did not end a line in time.
  [[nodiscard]] std::uint64_t unfinished() const { return unfinished_; }
  /// Sends what is queued, as far as it goes within kLastWords, and closes: the last words before the daemon ends.
  void close_all();

 private:
  struct Client {
    int fd = -1;
    Loop::Source source;
    std::string in;
    std::string out;  ///< the first `sent` bytes of it are gone
    std::size_t sent = 0;
    uid_t user = 0;
    bool trusted = false;                   ///< see is_trusted()
    std::optional<base::Instant> line_due;  ///< nothing while it owes no line
    std::size_t owed = 0;                   ///< answers to lines of its
    bool waits = false;                     ///< for its turn among those who may only look
    bool streaming = false;                 ///< see stream_to()
    bool says_more = true;                  ///< it has not closed its sending half

    [[nodiscard]] bool has_line() const { return in.find('\n') != std::string::npos; }
    [[nodiscard]] std::size_t unread() const { return out.size() - sent; }
    [[nodiscard]] bool is_full() const { return unread() > kMaxUnread; }
    /// It has said a line that can be heard: it reads what it is answered.
    [[nodiscard]] bool has_turn() const { return has_line() && !is_full(); }
    [[nodiscard]] bool is_served() const {
      return !says_more && !streaming && owed == 0 && unread() == 0 && !has_line();
    }
  };

  void accept();
  void rest(int reason);
  void on_ready(ClientId id, Loop::Readiness ready);
  [[nodiscard]] bool on_writable(ClientId id);
  [[nodiscard]] bool read(ClientId id);
  [[nodiscard]] bool take_line(ClientId id);
  [[nodiscard]] bool hear_line(ClientId id, Client& client);
  [[nodiscard]] bool must_wait(ClientId id, Client& client);
  void on_rested();
  [[nodiscard]] bool wait_for_end(Client& client) const;
  [[nodiscard]] bool is_too_far_behind(const Client& client) const;
  void drop(ClientId id);
  void refuse(int fd, const std::string& why);
  void complain(const std::string& what) const;
  void arm();
  void end_unfinished();
  static void want(Client& client);
  [[nodiscard]] static bool flush(Client& client);
  static void flush_until(Client& client, base::Instant deadline);
  void close(ClientId id);

  Loop& loop_;
  OnLine on_line_;
  OnGone on_gone_;
  OnTrouble on_trouble_;
  base::Duration line_within_;
  int listener_ = -1;
  std::string path_;
  Loop::Source source_;
  Loop::Source timer_;
  Loop::Source rested_;
  ReaderPace<ClientId> pace_;
  Loop::Source pace_timer_;
  bool rests_ = false;  ///< see rest(); until one is accepted
  ClientPlaces places_;
  std::uint64_t last_id_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t unfinished_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<ClientId, Client> clients_;
};

}  // namespace tedd

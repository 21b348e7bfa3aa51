// A charon that does what a test says: the other end of a vici socket, in the test's own thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/vici/packet.hpp"

namespace vici_lab {

/// Answers like a real one that holds what is in the public members, unless `answer` knows better. Serves one client at
/// a time; never blocks.
class FakeCharon {
 public:
  struct Child {
    std::uint32_t ike = 1;
    std::string local_ts = "10.1.0.0/16";
    std::string remote_ts = "10.2.0.0/16";
    std::string connection = "opented-in";
    std::string name = "rule-0";
    std::string peer_id{};  ///< what IKE authenticated
  };
  /// An IKE_SA without a CHILD_SA.
  struct Ike {
    std::string connection;
    bool initiator = true;
    std::vector<std::string> active_tasks{};
  };
  struct Asked {
    std::string command;
    vici::Message message;
  };
  enum class Event { kUp, kDown };

  FakeCharon();
  ~FakeCharon();
  FakeCharon(const FakeCharon&) = delete;
  FakeCharon& operator=(const FakeCharon&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Takes in what came and answers; false when there was nothing to do.
  bool turn();
  /// Ends the connection, as a charon that dies.
  void drop_client();
  /// Answers the oldest request that was held back.
  void release();

  void tell(Event event, std::uint32_t id, const Child& child);
  void tell_rekeyed(std::uint32_t before, std::uint32_t after, const Child& child);
  /// A line of the log, for whoever hears it.
  void log(std::uint32_t ike, std::string line);
  /// A CHILD_SA comes up, and the client hears of it.
  void add(std::uint32_t id, const Child& child);

  [[nodiscard]] std::size_t count(std::string_view command) const;

  std::map<std::uint32_t, Child> children;
  std::map<std::uint32_t, Ike> ikes;
  std::set<std::string> connections;
  std::set<std::string> secrets;
  std::set<std::string> keys;
  std::vector<std::string> certificates;  ///< in DER, which it lists whatever is asked for
  std::vector<Asked> asked;
  std::set<std::string> events;  ///< that the client hears
  std::size_t clients = 0;       ///< that came so far
  /// Nothing: as usual. With `hold`, the answer waits for release().
  std::function<std::optional<vici::Message>(const Asked&)> answer;
  std::function<bool(const Asked&)> hold;

 private:
  void on_packet(const vici::Packet& packet);
  void serve(const Asked& asked);
  [[nodiscard]] vici::Message carry_out(const Asked& asked);
  void list(const vici::Message& filter);
  [[nodiscard]] vici::Message terminate(const vici::Message& which);
  void send(const vici::Packet& packet);

  std::string path_;
  int listener_ = -1;
  int client_ = -1;
  vici::Deframer in_;
  base::Bytes out_;
  std::vector<Asked> held_;
};

[[nodiscard]] vici::Message refused(std::string words);

}  // namespace vici_lab

#include "unit/vici/fake_charon.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace vici_lab {
namespace {

using vici::Message;
using vici::PacketType;

Message child_section(std::uint32_t id, const FakeCharon::Child& child) {
  Message section;
  section.add("name", child.name).add("uniqueid", std::to_string(id)).add("state", "INSTALLED");
  return section.add_list("local-ts", {child.local_ts}).add_list("remote-ts", {child.remote_ts});
}

Message childless_section(std::uint32_t id, const FakeCharon::Ike& ike) {
  Message section;
  section.add("uniqueid", std::to_string(id));
  if (ike.initiator) section.add("initiator", "yes");
  if (!ike.active_tasks.empty()) section.add_list("tasks-active", ike.active_tasks);
  return section.add_section("child-sas", {});
}

Message ike_section(std::uint32_t ike, Message children, const std::string& peer_id = {}) {
  Message section;
  if (!peer_id.empty()) section.add("remote-id", peer_id);
  section.add("uniqueid", std::to_string(ike)).add("local-host", "192.0.2.1");
  section.add("remote-host", "198.51.100." + std::to_string(ike % 250));
  return section.add_section("child-sas", std::move(children));
}

}  // namespace

Message refused(std::string words) {
  return Message().add("success", "no").add("errmsg", std::move(words));
}

FakeCharon::FakeCharon()
    : path_(testing::TempDir() + "opented-fake-charon-" + std::to_string(::getpid())),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  std::filesystem::remove(path_);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 4) != 0) {
    ADD_FAILURE() << "no socket at " << path_;
  }
}

FakeCharon::~FakeCharon() {
  drop_client();
  ::close(listener_);
  std::filesystem::remove(path_);
}

void FakeCharon::drop_client() {
  if (client_ >= 0) ::close(std::exchange(client_, -1));
  in_ = {};
  events.clear();
  out_.clear();
  held_.clear();
}

bool FakeCharon::turn() {
  bool busy = false;
  if (client_ < 0) {
    client_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client_ < 0) return false;
    ++clients;
    busy = true;
  }
  std::array<std::uint8_t, 65536> chunk{};
  const ssize_t count = ::recv(client_, chunk.data(), chunk.size(), 0);
  if (count == 0) {
    drop_client();
    return true;
  }
  if (count > 0) {
    busy = true;
    in_.push({chunk.data(), static_cast<std::size_t>(count)});
    while (const auto packet = in_.next().value()) on_packet(vici::decode_packet(*packet).value());
  }
  if (!out_.empty()) {
    const ssize_t sent = ::send(client_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent > 0) out_.erase(out_.begin(), out_.begin() + sent);
    busy = busy || sent > 0;
  }
  return busy;
}

void FakeCharon::on_packet(const vici::Packet& packet) {
  const bool registers = packet.type == PacketType::kEventRegister;
  if (registers) events.insert(packet.name);
  if (packet.type == PacketType::kEventUnregister) events.erase(packet.name);
  if (registers || packet.type == PacketType::kEventUnregister) return send({PacketType::kEventConfirm, {}, {}});
  asked.push_back({packet.name, packet.message});
  if (!held_.empty() || (hold && hold(asked.back()))) return held_.push_back(asked.back());  // in order, as charon does
  serve(asked.back());
}

void FakeCharon::release() {
  for (const Asked& one : std::exchange(held_, {})) serve(one);
}

void FakeCharon::serve(const Asked& request) {
  auto said = answer ? answer(request) : std::nullopt;
  if (!said) said = carry_out(request);
  send({PacketType::kCommandResponse, {}, *std::move(said)});
}

Message FakeCharon::carry_out(const Asked& request) {
  const Message& message = request.message;
  if (request.command == "get-conns") {
    return Message().add_list("conns", {connections.begin(), connections.end()});
  }
  if (request.command == "version") return Message().add("daemon", "charon").add("version", "5.9.8");
  if (request.command == "stats") return Message().add_list("plugins", {"kernel-libipsec"});
  if (request.command == "terminate") return terminate(message);
  if (request.command == "list-sas") {
    list(message);
    return {};
  }
  if (request.command == "list-certs") {
    for (const std::string& der : certificates) send({PacketType::kEvent, "list-cert", Message().add("data", der)});
    return {};
  }
  if (request.command == "load-key") {
    keys.insert("key-1");
    return Message().add("success", "yes").add("id", "key-1");
  }
  if (request.command == "unload-key") keys.erase(std::string(message.text("id")));
  if (request.command == "load-conn") connections.insert(message.nodes().front().name);
  if (request.command == "unload-conn") connections.erase(std::string(message.text("name")));
  if (request.command == "load-shared") secrets.insert(std::string(message.text("id")));
  if (request.command == "unload-shared") secrets.erase(std::string(message.text("id")));
  return Message().add("success", "yes");
}

void FakeCharon::list(const Message& filter) {
  const std::string_view name = filter.text("ike");
  for (const auto& [id, ike] : ikes) {
    if (!name.empty() && name != ike.connection) continue;
    send({PacketType::kEvent, "list-sa", Message().add_section(ike.connection, childless_section(id, ike))});
  }
  std::map<std::uint32_t, Message> by_ike;
  std::map<std::uint32_t, std::string> peer_ids;
  for (const auto& [id, child] : children) {
    if (!name.empty() && name != child.connection) continue;
    if (!filter.text("ike-id").empty() && filter.text("ike-id") != std::to_string(child.ike)) continue;
    peer_ids[child.ike] = child.peer_id;
    Message& section = by_ike[child.ike];  // charon tells of an IKE_SA even if none of its children are asked for
    if (!filter.text("child-id").empty() && filter.text("child-id") != std::to_string(id)) continue;
    section.add_section("rule-0-" + std::to_string(id), child_section(id, child));
  }
  for (auto& [ike, section] : by_ike) {
    send({PacketType::kEvent, "list-sa",
          Message().add_section("opented-in", ike_section(ike, std::move(section), peer_ids[ike]))});
  }
}

Message FakeCharon::terminate(const Message& which) {
  auto gone = std::erase_if(ikes, [&](const auto& each) { return which.text("ike-id") == std::to_string(each.first); });
  gone += std::erase_if(children, [&](const auto& each) {
    const auto& [id, child] = each;
    const bool meant =
        which.text("child-id") == std::to_string(id) || which.text("ike-id") == std::to_string(child.ike);
    if (meant) tell(Event::kDown, id, child);
    return meant;
  });
  return gone == 0 ? refused("no matching SAs to terminate found") : Message().add("success", "yes");
}

void FakeCharon::tell(Event event, std::uint32_t id, const Child& child) {
  Message message;
  if (event == Event::kUp) message.add("up", "yes");
  message.add_section(
      child.connection,
      ike_section(child.ike, Message().add_section("rule-0-" + std::to_string(id), child_section(id, child)),
                  child.peer_id));
  send({PacketType::kEvent, "child-updown", std::move(message)});
}

void FakeCharon::tell_rekeyed(std::uint32_t before, std::uint32_t after, const Child& child) {
  Message both;
  both.add_section("old", child_section(before, child)).add_section("new", child_section(after, child));
  Message ike = ike_section(child.ike, Message().add_section("rule-0", std::move(both)), child.peer_id);
  send({PacketType::kEvent, "child-rekey", Message().add_section("opented-in", std::move(ike))});
}

void FakeCharon::log(std::uint32_t ike, std::string line) {
  if (!events.contains("log")) return;
  const auto found = ikes.find(ike);
  Message message;
  message.add("ikesa-name", found == ikes.end() ? std::string() : found->second.connection);
  message.add("ikesa-uniqueid", std::to_string(ike)).add("msg", std::move(line));
  send({PacketType::kEvent, "log", std::move(message)});
}

void FakeCharon::add(std::uint32_t id, const Child& child) {
  children[id] = child;
  tell(Event::kUp, id, child);
}

std::size_t FakeCharon::count(std::string_view command) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(asked, [&](const Asked& one) { return one.command == command; }));
}

void FakeCharon::send(const vici::Packet& packet) {
  const auto frame = vici::encode_packet(packet).value();
  out_.insert(out_.end(), frame.begin(), frame.end());
}

}  // namespace vici_lab

#include "platform/vici/tunnel.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/number.hpp"

namespace vici {
namespace {

struct Named {
  std::string_view name;
  const Message* section = nullptr;
};

/// The one section of ours at the root: the IKE_SA under its connection's name.
Named own_section(const Message& message) {
  for (const Node& node : message.nodes()) {
    const auto* section = std::get_if<Message>(&node.value);
    if (section != nullptr && is_own(node.name)) return {node.name, section};
  }
  return {};
}

std::uint32_t number(std::string_view text) {
  return base::parse_number<std::uint32_t>(text, UINT32_MAX).value_or(0);
}

std::uint32_t hex(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

std::string child_name(std::string_view key, const Message& child) {
  const std::string_view name = child.text("name");
  return std::string(name.empty() ? key : name);
}

/// Names of the states in which packets can pass.
bool is_installed(const Message& child) {
  const std::string_view state = child.text("state");
  return state == "INSTALLED" || state == "REKEYING" || state == "UPDATING";
}

std::optional<TunnelUp> read_tunnel(Named ike, std::string_view key, const Message& child) {
  const auto local = base::Address::parse(ike.section->text("local-host"));
  const auto peer = base::Address::parse(ike.section->text("remote-host"));
  if (!local || !peer) return std::nullopt;
  TunnelUp up;
  up.child_id = number(child.text("uniqueid"));
  up.ike_id = number(ike.section->text("uniqueid"));
  up.connection = ike.name;
  up.child = child_name(key, child);
  up.local = *local;
  up.peer = *peer;
  up.peer_id = ike.section->text("remote-id");
  if (const List* list = child.list("local-ts")) up.local_ts = *list;
  if (const List* list = child.list("remote-ts")) up.remote_ts = *list;
  up.spi_in = hex(child.text("spi-in"));
  up.spi_out = hex(child.text("spi-out"));
  up.initiator = ike.section->text("initiator") == "yes";
  return up;
}

/// Charon has a CHILD_SA of ours to make; what the peer asks for is among the passive tasks.
bool has_task(const Message& ike, std::string_view queue) {
  const List* tasks = ike.list(queue);
  return tasks != nullptr && std::ranges::find(*tasks, "CHILD_CREATE") != tasks->end();
}

/// Calls `visit(key, child)` for each CHILD_SA's section.
template <class Visit>
void each_child(Named ike, Visit visit) {
  const Message* children = ike.section == nullptr ? nullptr : ike.section->section("child-sas");
  if (children == nullptr) return;
  for (const Node& node : children->nodes()) {
    if (const auto* child = std::get_if<Message>(&node.value)) visit(std::string_view(node.name), *child);
  }
}

}  // namespace

std::optional<IkeSa> read_ike(const Message& message) {
  const Named ike = own_section(message);
  if (ike.section == nullptr) return std::nullopt;
  IkeSa out{.id = number(ike.section->text("uniqueid")),
            .connection = std::string(ike.name),
            .initiator = ike.section->text("initiator") == "yes",
            .creates_child = has_task(*ike.section, "tasks-queued") || has_task(*ike.section, "tasks-active")};
  each_child(ike, [&](std::string_view, const Message&) { ++out.children; });
  return out;
}

std::vector<TunnelUp> read_tunnels(const Message& message) {
  const Named ike = own_section(message);
  std::vector<TunnelUp> out;
  each_child(ike, [&](std::string_view key, const Message& child) {
    if (!is_installed(child)) return;
    if (auto up = read_tunnel(ike, key, child)) out.push_back(*std::move(up));
  });
  return out;
}

bool has_names(const TunnelUp& up) {
  const auto named = [](const std::string& text) {
    const auto open = text.find('[');
    if (open == std::string::npos) return false;
    return std::any_of(text.begin() + static_cast<std::ptrdiff_t>(open), text.end(),
                       [](char one) { return one >= 'a' && one <= 'z'; });
  };
  return std::ranges::any_of(up.local_ts, named) || std::ranges::any_of(up.remote_ts, named);
}

std::vector<TunnelDown> read_downs(const Message& message) {
  const Named ike = own_section(message);
  std::vector<TunnelDown> out;
  each_child(ike, [&](std::string_view key, const Message& child) {
    const auto peer = base::Address::parse(ike.section->text("remote-host"));
    out.push_back({number(child.text("uniqueid")), number(ike.section->text("uniqueid")), std::string(ike.name),
                   child_name(key, child), peer.value_or(base::Address{})});
  });
  return out;
}

std::vector<TunnelRekeyed> read_child_rekey(const Message& message) {
  const Named ike = own_section(message);
  std::vector<TunnelRekeyed> out;
  each_child(ike, [&](std::string_view key, const Message& child) {
    const Message* before = child.section("old");
    const Message* after = child.section("new");
    if (before == nullptr || after == nullptr) return;
    if (auto up = read_tunnel(ike, key, *after)) {
      out.push_back({number(before->text("uniqueid")), *std::move(up)});
    }
  });
  return out;
}

std::optional<IkeRekeyed> read_ike_rekey(const Message& message) {
  const Named ike = own_section(message);
  if (ike.section == nullptr) return std::nullopt;
  const Message* before = ike.section->section("old");
  const Message* after = ike.section->section("new");
  if (before == nullptr || after == nullptr) return std::nullopt;
  return IkeRekeyed{number(before->text("uniqueid")), number(after->text("uniqueid")), std::string(ike.name)};
}

}  // namespace vici

// The half of Gateway that answers tedctl.
#include <algorithm>
#include <iterator>
#include <unistd.h>
#include <utility>

#include "config/fixed.hpp"
#include "config/psk.hpp"
#include "daemon/answers.hpp"
#include "daemon/gateway.hpp"
#include "daemon/log.hpp"
#include "daemon/version.hpp"
#include "daemon/why.hpp"

namespace tedd {

namespace {

/// Traces that one client may have under way: each is a discovery.
constexpr std::ptrdiff_t kMaxTraces = 64;

/// The first host of an entry: good enough to ask for, when nobody says which.
base::Address some_host(const base::MaskedAddress& addresses) {
  const base::Uint128 lowest = addresses.mask() & 1;
  return {addresses.family(), addresses.address().value() | (lowest == 0 ? 1U : 0U)};
}

/// Fills what the asker left open from the first protect rule that reaches the destination.
std::optional<base::Flow> flow_to(const policy::Snapshot& policy, const control::TraceArguments& arguments) {
  for (const policy::Rule& rule : policy.rules()) {
    if (rule.action != policy::Action::kProtect) continue;
    for (const auto& remote : rule.remote) {
      if (!remote.contains(arguments.destination)) continue;
      for (const auto& local : rule.local) {
        if (local.family() != remote.family()) continue;
        base::Flow flow{arguments.source.value_or(some_host(local)), arguments.destination,
                        arguments.protocol.value_or(rule.protocol.value_or(base::Protocol::kTcp)), 0, 0};
        if (base::has_ports(flow.protocol)) {
          flow.source_port = arguments.source_port.value_or(rule.local_port.is_any() ? 40'000 : rule.local_port.lo);
          flow.destination_port = arguments.port.value_or(rule.remote_port.is_any() ? 443 : rule.remote_port.lo);
        } else if (base::is_icmp(flow.protocol)) {
          flow.source_port = arguments.source_port.value_or(flow.protocol == base::Protocol::kIcmp ? 8 : 128);
          flow.destination_port = arguments.port.value_or(0);
        }
        return flow;
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string> texts(const std::vector<nft::Flowtable>& flowtables) {
  std::vector<std::string> list;
  list.reserve(flowtables.size());
  for (const nft::Flowtable& one : flowtables) list.push_back(nft::text(one));
  return list;
}

}  // namespace

void Gateway::on_line(ClientId client, std::string_view line) {
  const auto request = control::decode_request(line);
  if (!request) {
    return control_.send(client, control::encode(control::Reply::failure(control::describe(request.error()))));
  }
  if (control::changes_something(request->command) && !control_.is_trusted(client)) {
    const base::TextError refusal{
        "'" + std::string(control::name(request->command)) + "' is for root: you may look only", "run it as root"};
    return control_.send(client, control::encode(control::Reply::failure(refusal)));
  }
  if (const auto reply = answer(client, *request)) control_.send(client, control::encode(*reply));
  turn();
}

std::optional<control::Reply> Gateway::answer(ClientId client, const control::Request& request) {
  using control::Command;
  using control::Reply;
  switch (request.command) {
    case Command::kStatus:
      mend();  // what happened a moment ago is known and undone, or the status says that it is not
      return Reply::success(status());
    case Command::kTunnels: return Reply::success(tunnels_of(engine_));
    case Command::kPending: return Reply::success(pending_of(engine_, Loop::now(), guard_.openings()));
    case Command::kPeers: return Reply::success(peers_of(engine_, ike_.certificate_ends(), Loop::now()));
    case Command::kObserve: return Reply::success(observations_of(engine_));
    case Command::kCounters: return Reply::success(counters());
    case Command::kRules: return Reply::success(rules_of(config_, *policy_, networks_));
    case Command::kWhy: return Reply::success(why(std::get<control::WhyArguments>(request.arguments).flow));
    case Command::kHistory: return Reply::success(history_.tell());
    case Command::kWatch:
      watchers_.insert(client);
      control_.stream_to(client);
      return Reply::success({});
    case Command::kReload: return reload();
    case Command::kRelease: return release();
    case Command::kForget: return forget(std::get<control::ForgetArguments>(request.arguments).peer);
    case Command::kTrace: {
      Reply reply = trace(client, std::get<control::TraceArguments>(request.arguments));
      if (!reply.ok) return reply;
      return std::nullopt;  // the answer comes with TraceDone
    }
  }
  return std::nullopt;
}

namespace {

std::optional<std::string> name_of(vici::DataPlane plane) {
  switch (plane) {
    case vici::DataPlane::kUserspace: return "userspace";
    case vici::DataPlane::kKernel: return "kernel";
    case vici::DataPlane::kUnknown: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

control::Status Gateway::status() const {
  const base::Instant now = Loop::now();
  return {.version = kVersion,
          .pid = ::getpid(),
          .state = stopping_                           ? "stopping"
                   : ike_.is_connected() || observes() ? "running"
                                                       : "degraded",
          .since = wall_clock(started_),
          .uptime_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_).count(),
          .data_plane = name_of(ike_.data_plane()),
          .charon_connected = ike_.is_connected(),
          .charon_version = ike_.version(),
          .addresses = config_.gateway.addresses,
          .interfaces = config_.gateway.interfaces,
          .rules = static_cast<std::int64_t>(policy_->rules().size()),
          .tunnels = static_cast<std::int64_t>(engine_.tunnels().all().size()),
          .pending = static_cast<std::int64_t>(engine_.discoveries().size()),
          .peers = static_cast<std::int64_t>(engine_.peers().all().size()),
          .guard = guard_.in_force() ? "in force" : "down",
          .openings = static_cast<std::int64_t>(guard_.openings().size()),
          .shield = shield_.places(),
          .config = file_,
          .loaded = wall_clock(loaded_),
          .reload_error = reload_error_,
          .mode = observes() ? "observe" : "protect",
          .discovery_keys = static_cast<std::int64_t>(config_.discovery.key_files.size()),
          .discovery_signs = config_.discovery.sign,
          .discovery_required = config_.discovery.require,
          .flowtables = texts(guard_.flowtables()),
          .ports = control::NamedValues<std::string>(outside_.ports.masters.begin(), outside_.ports.masters.end()),
          .missing = control::NamedValues<std::string>(outside_.misfit.missing.begin(), outside_.misfit.missing.end())};
}

control::Why Gateway::why(const base::Flow& flow) const {
  Surroundings around{.charon_connected = ike_.is_connected(),
                      .charon_carries = ike_.data_plane() == vici::DataPlane::kUserspace,
                      .charon_socket = config_.ike.socket,
                      .charon_denied = ike_.is_denied(),
                      .openings = guard_.openings(),
                      .unsent = {},
                      .blind = texts(outside_)};
  if (unsent_ && unsent_->destination == flow.destination) around.unsent = unsent_->words;
  return tedd::why(engine_, diary_, around, flow, Loop::now());
}

control::Reply Gateway::trace(ClientId client, const control::TraceArguments& arguments) {
  if (std::ranges::count(traces_, client, [](const auto& each) { return each.second.client; }) >= kMaxTraces) {
    return control::Reply::failure({"too many traces of yours are under way", "wait for their answers"});
  }
  const auto flow = flow_to(*policy_, arguments);
  if (!flow) {
    return control::Reply::failure({"no protect rule reaches " + arguments.destination.text(),
                                    "see 'tedctl rules'; a trace asks for what a rule would ask for"});
  }
  const engine::TraceId id{++last_trace_};
  traces_[id] = {client, *flow};
  if (unsent_ && unsent_->destination == flow->destination) unsent_.reset();
  handle(engine::TraceRequested{id, *flow});
  return control::Reply::success({});
}

void Gateway::carry_out(engine::TraceDone done) {
  const auto asked = traces_.extract(done.id);
  if (asked.empty()) return;
  control::TraceResult result{.flow = asked.mapped().flow,
                              .answered = done.answered,
                              .gateway = {},
                              .rtt_us = {},
                              .proxy = done.proxy,
                              .attempts = done.attempts,
                              .reason = {},
                              .half_proxy = done.half_proxy};
  if (done.answered) {
    result.gateway = done.gateway;
    result.form = done.half_proxy ? "draft" : "v3";
    result.rtt_us = std::chrono::duration_cast<std::chrono::microseconds>(done.round_trip).count();
  }
  if (done.offer) {
    result.offered = done.offer->proxy.boxes();
    result.exempt = done.offer->exempt;
  }
  if (done.tunnel) result.tunnel = done.tunnel->boxes();
  if (!done.proof.empty()) result.proof = std::move(done.proof);
  if (!done.reason.empty()) result.reason = std::move(done.reason);
  if (!done.answered && unsent_ && unsent_->destination == result.flow.destination) {
    result.reason = std::string(control::kUnsent) + unsent_->words;
  }
  control_.send(asked.mapped().client, control::encode(control::Reply::success(std::move(result))));
}

control::Reply Gateway::forget(const base::Address& peer) {
  std::int64_t count = 0;
  for (const auto& [id, tunnel] : engine_.tunnels().all()) count += tunnel.facts.peer == peer ? 1 : 0;
  if (count == 0 && engine_.peers().find(peer) == nullptr) {
    return control::Reply::failure({peer.text() + " is no peer", "'tedctl peers' lists them"});
  }
  handle(engine::PeerForgotten{peer});
  times_.forget(peer);
  return control::Reply::success(control::Done{"forgot " + peer.text(), count});
}

control::Reply Gateway::release() {
  if (const auto done = guard_.release(); !done) {
    return control::Reply::failure({done.error(), "stop tedd, then 'nft delete table inet opented' does the same"});
  }
  log(Level::kWarning, "TED-RELEASED", "the guard was taken down on purpose: protected flows pass in the clear");
  return control::Reply::success(
      control::Done{"the guard is down: protected flows pass in the clear until the next reload", 0});
}

// The new file is taken as a whole or not at all.
control::Reply Gateway::reload() {
  const auto refuse = [this](const std::vector<std::string>& reasons) {
    std::string all;
    for (const std::string& reason : reasons) {
      log(Level::kError, "TED-RELOAD-REFUSED", reason);
      all += (all.empty() ? "" : "\n") + reason;
    }
    reload_error_ = all;
    return control::Reply::failure({all, "the policy that was in force stays in force"});
  };
  if (stopping_) return refuse({"tedd is stopping"});
  const auto text = config::read(file_);
  if (!text) return refuse(texts(text.error()));
  auto fresh = config::parse(*text, file_);
  if (!fresh) return refuse(texts(fresh.error()));
  auto credentials = load_credentials(*fresh);
  if (!credentials) return refuse({file_ + ": " + credentials.error().text});
  auto discovery = load_discovery_keys(*fresh, *credentials);
  if (!discovery) return refuse({file_ + ": " + discovery.error()});
  auto changes = config::fixed_changes(config_, *fresh);
  for (std::string& change : changes) change = file_ + ": " + change;
  if (!changes.empty()) return refuse(changes);
  auto resolved = resolve(follower_, *fresh, file_, Loop::now());
  if (!resolved) return refuse(resolved.error());
  auto policy = std::make_shared<const policy::Snapshot>(std::move(resolved->rules), *policy_);
  if (credentials->certificates) {
    // By the old authorities nothing that the new ones may refuse is examined from here on.
    if (const auto done = examiner_.use(credentials->certificates->trust); !done) return refuse({done.error()});
  }
  if (const auto done = replace_guard(*policy); !done) {
    if (const auto& before = ike_.credentials().certificates) {
      if (const auto back = examiner_.use(before->trust); !back) log(Level::kError, "TED-EXAMINER", back.error());
    }
    return refuse({done.error()});
  }

  config_ = *std::move(fresh);
  follow(std::move(resolved->networks));
  if (!observes()) keep(last_good_.keep(*text, networks_));
  loaded_ = Loop::now();
  reload_error_.reset();
  ike_.set_credentials(*std::move(credentials));
  authenticator_.use(by(examiner_, *std::move(discovery)));
  adopt(std::move(policy));
  auto remarks = oddities();
  warn(remarks);
  std::ranges::move(texts(outside_), std::back_inserter(remarks));  // logged when it was found
  turn();
  return control::Reply::success(
      control::Done{"policy reloaded", static_cast<std::int64_t>(policy_->rules().size()), std::move(remarks)});
}

Gateway::Outcome Gateway::replace_guard(const policy::Snapshot& policy) {
  if (observes()) return look_anew();
  auto openings = guard_.openings();
  guard_.set_openings({});  // they belong to the old rules: never do they stand beside the new ones
  auto done = guard_.install(policy);
  if (!done) guard_.set_openings(std::move(openings));
  return done;
}

// The guard is there already.
void Gateway::adopt(std::shared_ptr<const policy::Snapshot> policy) {
  policy_ = std::move(policy);
  handle(engine::PolicyReplaced{policy_});
  if (!observes()) ike_.offer(policy_);
  if (guard_.intercepts()) on_ike_ready(true);
}

}  // namespace tedd

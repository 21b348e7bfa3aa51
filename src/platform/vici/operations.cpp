// Charon's requests and answers; connections, timers and initiations are in charon.cpp.
#include <algorithm>
#include <utility>

#include "base/number.hpp"
#include "platform/vici/charon.hpp"

namespace vici {
namespace {

std::uint32_t number(std::string_view text) {
  return base::parse_number<std::uint32_t>(text, UINT32_MAX).value_or(0);
}

Stats read_stats(const Message& message) {
  Stats stats;
  if (const List* plugins = message.list("plugins")) stats.plugins = *plugins;
  const auto has = [&](std::string_view plugin) {
    return std::ranges::find(stats.plugins, plugin) != stats.plugins.end();
  };
  if (has("kernel-libipsec")) {
    stats.data_plane = DataPlane::kUserspace;
  } else if (has("kernel-netlink")) {
    stats.data_plane = DataPlane::kKernel;
  }
  if (const Message* sas = message.section("ikesas")) {
    stats.ike_sas = number(sas->text("total"));
    stats.half_open = number(sas->text("half-open"));
  }
  return stats;
}

}  // namespace

void Charon::request(std::string_view command, const Message& message, Connection::ReplyHandler handler) {
  Result<void> asked = std::unexpected(Error{ErrorCode::kClosed, "not connected to charon", 0});
  if (main_ && ready_) asked = main_->request(command, message, handler);
  if (!asked && handler) {
    later([handler = std::move(handler), error = asked.error()] { handler(std::unexpected(error)); });
  } else if (asked) {
    expect();
  }
}

void Charon::simple(std::string_view command, const Message& message, Done<void> done) {
  request(command, message, [done = std::move(done)](const Result<Message>& reply) {
    if (done) done(outcome(reply));
  });
}

void Charon::load_responder(const ResponderConfig& config, Done<void> done) {
  responder_children_ = config.children;
  simple("load-conn", responder_connection(config), std::move(done));
}

void Charon::holds_responder(Done<bool> done) {
  request("get-conns", {}, [done = std::move(done)](const Result<Message>& reply) {
    if (!reply) return done(std::unexpected(reply.error()));
    const List* names = reply->list("conns");
    done(names != nullptr && std::ranges::find(*names, kResponderName) != names->end());
  });
}

void Charon::load_psk(std::string_view secret, Done<void> done) {
  Message message;
  message.add("id", std::string(kSecretId)).add("type", "IKE").add("data", std::string(secret));
  message.add_list("owners", {});
  simple("load-shared", message, std::move(done));
}

void Charon::list_sas(Done<std::vector<TunnelUp>> done) {
  request("list-sas", {}, [this, done = std::move(done)](const Result<Message>& reply) {
    const auto listed = std::exchange(listed_, {});
    if (const auto result = outcome(reply); !result) return done(std::unexpected(result.error()));
    std::vector<TunnelUp> out;
    for (const Message& message : listed) {
      for (TunnelUp& up : read_tunnels(message)) out.push_back(std::move(up));
    }
    done(std::move(out));
  });
}

void Charon::list_ikes(Done<std::vector<IkeSa>> done) {
  request("list-sas", {}, [this, done = std::move(done)](const Result<Message>& reply) {
    const auto listed = std::exchange(listed_, {});
    if (const auto result = outcome(reply); !result) return done(std::unexpected(result.error()));
    std::vector<IkeSa> out;
    for (const Message& message : listed) {
      if (auto ike = read_ike(message)) out.push_back(*std::move(ike));
    }
    done(std::move(out));
  });
}

void Charon::terminate_child(std::uint32_t child_id, Done<void> done) {
  simple("terminate", Message().add("child-id", std::to_string(child_id)).add("timeout", "-1"), std::move(done));
}

void Charon::terminate_ike(std::uint32_t ike_id, bool force, Done<void> done) {
  Message message;
  message.add("ike-id", std::to_string(ike_id)).add("timeout", "-1").add("force", force ? "yes" : "no");
  simple("terminate", message, std::move(done));
}

/// One command after the other, so that any number of them passes a bounded queue. What charon refuses is gone already;
/// the first other error ends the sequence.
void Charon::sequence(std::string command, std::shared_ptr<std::deque<Message>> messages, Done<void> done) {
  if (messages->empty()) return done({});
  const Message next = std::move(messages->front());
  messages->pop_front();
  request(command, next, [this, command, messages, done = std::move(done)](const Result<Message>& reply) mutable {
    if (!reply) return done(std::unexpected(reply.error()));
    sequence(std::move(command), std::move(messages), std::move(done));
  });
}

void Charon::terminate_all_own(Done<void> done) {
  list_ikes([this, done = std::move(done)](const Result<std::vector<IkeSa>>& ikes) mutable {
    if (!ikes) return done(std::unexpected(ikes.error()));
    auto messages = std::make_shared<std::deque<Message>>();
    for (const IkeSa& ike : *ikes) {
      messages->push_back(Message().add("ike-id", std::to_string(ike.id)).add("timeout", "-1").add("force", "yes"));
    }
    sequence("terminate", std::move(messages), std::move(done));
  });
}

void Charon::unload_all_own(Done<void> done) {
  responder_children_.clear();
  request("get-conns", {}, [this, done = std::move(done)](const Result<Message>& reply) mutable {
    if (!reply) return done(std::unexpected(reply.error()));
    auto messages = std::make_shared<std::deque<Message>>();
    if (const List* names = reply->list("conns")) {
      for (const std::string& own : *names) {
        if (is_own(own)) messages->push_back(Message().add("name", own));
      }
    }
    sequence("unload-conn", std::move(messages), [this, done = std::move(done)](const Result<void>& unloaded) mutable {
      if (!unloaded) return done(unloaded);
      request("unload-shared", Message().add("id", std::string(kSecretId)),
              [done = std::move(done)](const Result<Message>& last) {
                if (!last) return done(std::unexpected(last.error()));
                done({});
              });
    });
  });
}

void Charon::version(Done<Version> done) {
  request("version", {}, [done = std::move(done)](const Result<Message>& reply) {
    if (!reply) return done(std::unexpected(reply.error()));
    done(Version{std::string(reply->text("daemon")), std::string(reply->text("version"))});
  });
}

void Charon::stats(Done<Stats> done) {
  request("stats", {}, [done = std::move(done)](const Result<Message>& reply) {
    if (!reply) return done(std::unexpected(reply.error()));
    done(read_stats(*reply));
  });
}

}  // namespace vici

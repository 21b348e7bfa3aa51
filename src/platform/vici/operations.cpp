// Charon's requests and answers; connections, timers and initiations are in charon.cpp.
#include <algorithm>
#include <utility>

#include "base/number.hpp"
#include "platform/vici/charon.hpp"

namespace vici {
namespace {

/// Requests of a series that are on their way at once.
constexpr std::size_t kOutstanding = 64;

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
  message.add("id", std::string(kSecretId)).add("type", "IKE").add_secret("data", secret);
  message.add_list("owners", {});
  simple("load-shared", message, std::move(done));
}

void Charon::load_key(base::ByteView der, Done<std::string> done) {
  Message message;
  message.add("type", "any").add_secret("data", {reinterpret_cast<const char*>(der.data()), der.size()});
  request("load-key", message, [done = std::move(done)](const Result<Message>& reply) {
    if (const auto loaded = outcome(reply); !loaded) return done(std::unexpected(loaded.error()));
    done(std::string(reply->text("id")));
  });
}

void Charon::unload_key(const std::string& name, Done<void> done) {
  simple("unload-key", Message().add("id", name), std::move(done));
}

void Charon::load_revocations(base::ByteView der, Done<void> done) {
  Message message;
  message.add("type", "X509_CRL").add("data", std::string(der.begin(), der.end()));
  // What charon remembers of the older list goes before the new one: it would be asked first. Its cache alone is
  // emptied, of lists that it fetches anew when it needs them.
  simple("load-cert", message, [this, done = std::move(done)](const Result<void>& loaded) mutable {
    if (!loaded) return done(loaded);
    simple("flush-certs", Message().add("type", "X509_CRL"), std::move(done));
  });
}

void Charon::list_certificates(const std::string& identity, Done<std::vector<base::Bytes>> done) {
  if (!ready_ || identities_.size() >= kMaxQueuedListings) {
    const Error error = ready_ ? Error{ErrorCode::kQueueFull, "list-certs", 0}
                               : Error{ErrorCode::kClosed, "not connected to charon", 0};
    return later([done = std::move(done), error] { done(std::unexpected(error)); });
  }
  identities_.push_back({identity, std::move(done)});
  ask_certificates();
}

/// Whoever has thousands of tunnels when it begins asks for all of their peers at once.
void Charon::ask_certificates() {
  while (ready_ && has_room() && !identities_.empty()) {
    Identity next = std::move(identities_.front());
    identities_.pop_front();
    const Message filter = Message().add("type", "X509").add("flag", "ANY").add("subject", next.name);
    request("list-certs", filter, [this, done = std::move(next.done)](const Result<Message>& reply) {
      auto listed = std::exchange(certificates_, {});
      if (const auto result = outcome(reply); !result) return done(std::unexpected(result.error()));
      done(std::move(listed));
    });
  }
}

/// What charon lists, read by `read`, which gives some of what it finds in one message.
template <class T, class Read>
void Charon::list(const Message& filter, Read read, Done<std::vector<T>> done) {
  request("list-sas", filter, [this, read, done = std::move(done)](const Result<Message>& reply) {
    const auto listed = std::exchange(listed_, {});
    if (const auto result = outcome(reply); !result) return done(std::unexpected(result.error()));
    std::vector<T> out;
    for (const Message& message : listed) {
      for (T& found : read(message)) out.push_back(std::move(found));
    }
    done(std::move(out));
  });
}

void Charon::read_sas(const Message& filter, Done<std::vector<TunnelUp>> done) {
  list<TunnelUp>(filter, read_tunnels, std::move(done));
}

void Charon::read_ikes(const Message& filter, Done<std::vector<IkeSa>> done) {
  const auto read = [](const Message& message) {
    std::vector<IkeSa> found;
    if (auto ike = read_ike(message)) found.push_back(*std::move(ike));
    return found;
  };
  list<IkeSa>(filter, read, std::move(done));
}

void Charon::list_sas(Done<std::vector<TunnelUp>> done) {
  read_sas({}, [this, done = std::move(done)](const Result<std::vector<TunnelUp>>& first) mutable {
    if (!first) return done(first);
    const auto listing = std::make_shared<Listing>();
    listing->done = std::move(done);
    for (const TunnelUp& up : *first) {
      if (!has_names(up) || !listing->open.add({up, std::nullopt})) listing->sure.push_back(up);
    }
    list_rest(listing);
  });
}

void Charon::list_rest(const std::shared_ptr<Listing>& listing) {
  const auto filters = listing->open.next_round();
  if (filters.empty()) return std::exchange(listing->done, nullptr)(std::move(listing->sure));
  for (const Message& filter : filters) {
    read_sas(filter, [this, listing](const Result<std::vector<TunnelUp>>& listed) {
      if (!listing->done) return;
      if (!listed) return std::exchange(listing->done, nullptr)(listed);
      for (auto& entry : listing->open.on_listed(listed)) listing->sure.push_back(std::move(entry.read));
      if (!listing->open.is_under_way()) list_rest(listing);
    });
  }
}

void Charon::list_ikes(Done<std::vector<IkeSa>> done) {
  read_ikes({}, std::move(done));
}

void Charon::terminate_child(std::uint32_t child_id, Done<void> done) {
  simple("terminate", Message().add("child-id", std::to_string(child_id)).add("timeout", "-1"), std::move(done));
}

void Charon::terminate_ike(std::uint32_t ike_id, bool force, Done<void> done) {
  Message message;
  message.add("ike-id", std::to_string(ike_id)).add("timeout", "-1").add("force", force ? "yes" : "no");
  simple("terminate", message, std::move(done));
}

/// A few at a time, so that any number of them passes a bounded queue and few take a round trip each. What charon
/// refuses is gone already; after the first other error no more are sent.
void Charon::each(const std::shared_ptr<Series>& series) {
  while (series->outstanding < kOutstanding && !series->messages.empty()) {
    const Message next = std::move(series->messages.front());
    series->messages.pop_front();
    ++series->outstanding;
    request(series->command, next, [this, series](const Result<Message>& reply) {
      --series->outstanding;
      if (!reply) {
        series->result = std::unexpected(reply.error());
        series->messages.clear();
      }
      each(series);
    });
  }
  if (series->outstanding == 0 && series->done) std::exchange(series->done, nullptr)(series->result);
}

void Charon::terminate_all_own(Done<void> done) {
  list_ikes([this, done = std::move(done)](const Result<std::vector<IkeSa>>& ikes) mutable {
    if (!ikes) return done(std::unexpected(ikes.error()));
    const auto series = std::make_shared<Series>(Series{.command = "terminate", .done = std::move(done)});
    for (const IkeSa& ike : *ikes) {
      series->messages.push_back(
          Message().add("ike-id", std::to_string(ike.id)).add("timeout", "-1").add("force", "yes"));
    }
    each(series);
  });
}

void Charon::unload_all_own(Done<void> done) {
  responder_children_.clear();
  request("get-conns", {}, [this, done = std::move(done)](const Result<Message>& reply) mutable {
    if (!reply) return done(std::unexpected(reply.error()));
    const auto series = std::make_shared<Series>(Series{.command = "unload-conn"});
    if (const List* names = reply->list("conns")) {
      for (const std::string& own : *names) {
        if (is_own(own)) series->messages.push_back(Message().add("name", own));
      }
    }
    series->done = [this, done = std::move(done)](const Result<void>& unloaded) mutable {
      if (!unloaded) return done(unloaded);
      request("unload-shared", Message().add("id", std::string(kSecretId)),
              [done = std::move(done)](const Result<Message>& last) {
                if (!last) return done(std::unexpected(last.error()));
                done({});
              });
    };
    each(series);
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

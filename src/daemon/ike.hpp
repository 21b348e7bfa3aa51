// strongSwan as the engine sees it: tunnels that come up and go, and what it asks for. Translates, decides nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/authoriser.hpp"
#include "daemon/credentials.hpp"
#include "engine/action.hpp"
#include "engine/event.hpp"
#include "platform/vici/charon.hpp"
#include "policy/snapshot.hpp"

namespace tedd {

class Ike {
 public:
  struct Handlers {
    std::function<void(engine::Event)> event;
    std::function<void(bool ready)> ready;  ///< charon is there and has taken what we loaded; or is away
    std::function<void()> fresh{};          ///< charon is there, and knows nothing of us: it has no tunnel of ours
  };

  /// `examiner` reads certificates of strangers, and lives longer. Null: this process does.
  Ike(const config::Config& config, Credentials credentials, Handlers handlers, pki::Examiner* examiner = nullptr);

  [[nodiscard]] vici::Charon& charon() { return charon_; }
  [[nodiscard]] bool is_connected() const { return charon_.is_connected(); }
  /// It is not, for want of the right to the socket.
  [[nodiscard]] bool is_denied() const { return denied_; }
  [[nodiscard]] const std::optional<std::string>& version() const { return version_; }
  [[nodiscard]] vici::DataPlane data_plane() const { return data_plane_; }

  /// Incoming peers may ask for what these rules protect; loaded now, and again whenever charon comes back.
  void offer(std::shared_ptr<const policy::Snapshot> policy);
  /// Other ones, and other [[peer]]s, of the same way to authenticate: standing tunnels are judged by them at once.
  void set_credentials(Credentials credentials);
  [[nodiscard]] const Credentials& credentials() const { return credentials_; }
  /// Of every peer that has a tunnel now, by its identity.
  [[nodiscard]] CertificateEnds certificate_ends() const;
  /// See Authoriser.
  [[nodiscard]] std::uint64_t certificates_forgotten() const { return authoriser_.forgotten(); }

  /// When a certificate or a revocation list ends on which a standing tunnel rests; then on_deadline() judges it anew.
  /// By the machine's clock, which may be set: an hour ahead at most.
  [[nodiscard]] std::optional<base::Instant> next_deadline(base::Instant now) const;
  void on_deadline();

  void bring_up(const engine::BringUp& wanted);
  void take_down(const engine::TakeDown& unwanted);

  /// Takes what we loaded out of charon and ends every tunnel of ours; `done` when charon has, or is away. Nothing is
  /// loaded or brought up any more.
  void withdraw(std::function<void()> done);

 private:
  void on_state(bool connected, std::string_view words);
  void on_connected();
  void take_over();
  void load_all();
  void load_responder();
  void use(Credentials credentials);
  void load_secret();
  void load_key();
  /// What of these our own certificate does not let us speak for, in words that go on; empty: nothing.
  [[nodiscard]] std::string outside_own_blocks(std::span<const base::Selector> wanted) const;
  void adopt(const std::vector<vici::TunnelUp>& standing);
  void on_up(const vici::TunnelUp& up);
  /// It went while the listing was under way.
  void on_ended_early(std::uint32_t child_id);
  void on_early(const vici::TunnelUp& up);
  void on_down(std::uint32_t child_id);
  void on_gone(std::uint32_t child_id);
  void on_rekeyed(const vici::TunnelRekeyed& rekeyed);
  /// Tells the engine of a CHILD_SA, when its peer has been judged where peers are told apart; `before` is what it was
  /// known as before a rekeying.
  void tell(const vici::TunnelUp& up, std::vector<base::Selector> selectors, std::optional<engine::TunnelId> before);
  void on_judged(const vici::TunnelUp& up, const std::vector<base::Selector>& selectors,
                 std::optional<Authoriser::Judgement> judgement);
  /// Those whose judgement ends before then.
  void judge_anew(pki::Time before = pki::Time::max());
  void note(std::uint32_t child_id, const std::string& identity, const Authoriser::Judgement& judged);
  /// Nobody is to hear of it as a tunnel any more.
  void stop_judging(std::uint32_t child_id);
  void stop_judging_all();
  void be_ready_when_judged();
  /// What a CHILD_SA carries; one of which nobody can tell is taken down.
  [[nodiscard]] std::optional<std::vector<base::Selector>> judgeable(const vici::TunnelUp& up);

  const config::Config& config_;
  Credentials credentials_;
  vici::CertificatesPtr certificates_;  ///< of credentials_
  pki::Examiner* examiner_;
  Authoriser authoriser_;
  Handlers handlers_;
  std::shared_ptr<const policy::Snapshot> policy_;
  std::optional<std::string> version_;
  vici::DataPlane data_plane_ = vici::DataPlane::kUnknown;
  std::vector<std::uint32_t> known_;  ///< CHILD_SAs told to the engine, or about to be
  std::string key_name_;              ///< charon's, of our private key in it
  /// A CHILD_SA whose peer is being judged.
  struct Judging {
    std::optional<engine::TunnelId> before;
    std::optional<wire::Cookie> cookie;
  };
  std::map<std::uint32_t, Judging> judging_;
  /// The peer of a CHILD_SA that the engine knows.
  struct Judged {
    std::string identity;
    std::optional<pki::Time> until;            ///< as Authoriser::Judgement
    std::optional<pki::Time> certificate_end;  ///< likewise
  };
  std::map<std::uint32_t, Judged> judged_;
  std::optional<pki::Time> first_end_;  ///< no judgement ends earlier
  bool ready_when_judged_ = false;
  // charon counts from 1 again when it starts: until the listing after a connection, an id may be of either charon.
  bool restarted_ = false;  ///< since the last adoption: every known id is of a charon that is no more
  bool adopted_ = false;    ///< the listing came, and known_ is this charon's
  bool denied_ = false;
  std::vector<vici::TunnelUp> early_;  ///< came up while the listing was under way
  std::vector<std::uint32_t> ended_;   ///< went down meanwhile
  bool withdrawing_ = false;
  vici::Charon charon_;
};

}  // namespace tedd

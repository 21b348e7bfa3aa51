// How many signatures are checked, and of whom: one takes 50 µs and a new chain half a millisecond, which strangers
// must not spend for us (docs/protocol.md section 12.4).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.hpp"
#include "base/recent.hpp"
#include "base/time.hpp"
#include "engine/authenticator.hpp"
#include "engine/token_bucket.hpp"

namespace tedd {

/// Signatures a second of senders who have shown nothing, whoever they claim to be: of chains that were verified not
/// long ago, and of others.
inline constexpr double kKnownSignatures = 1'000;
inline constexpr double kNewSignatures = 100;
/// The same of those who know a discovery key: a gateway that turned hostile fills no processor.
inline constexpr double kKeyedKnownSignatures = 5'000;
inline constexpr double kKeyedNewSignatures = 300;
/// Of each chain, of senders who have shown nothing: whoever has seen a chain can show it under signatures of nobody.
inline constexpr double kSignaturesOfOneChain = 200;
/// Of each network, of senders who have shown that they receive there; all of them have as much as those who have not.
inline constexpr double kKnownSignaturesOfOneSender = 200;
inline constexpr double kNewSignaturesOfOneSender = 10;
/// What a site of IPv6, a /48, has of it: it is given 65,536 networks at once.
inline constexpr double kSendersOfOneSite = 4;
/// What a proof that does not hold costs the network of its sender: it could have been anybody's only as long as nobody
/// had shown to receive there. Short enough for a gateway whose clock or certificate was put right. Its site, where
/// others may live, pays one second of one sender.
inline constexpr double kSecondsForAFailure = 10;
/// Networks of such senders, and sites, that are told apart; the one silent for longest makes room.
inline constexpr std::size_t kMaxSenders = 4'096;

class SignatureBudget {
 public:
  enum class Verdict : std::uint8_t {
    kCheck,
    kEchoFirst,  ///< strangers have used up what they may: the sender is to show that it receives at its gateway
    kNone,       ///< there is no time for it
  };
  /// `of_chain`: the share of the chain that it shows, if that was verified not long ago; else null.
  [[nodiscard]] Verdict take(const engine::Sender& sender, bool is_keyed, engine::TokenBucket* of_chain,
                             base::Instant now);

  /// What was checked did not hold: its signature, or the chain that it showed.
  void on_failed(const engine::Sender& sender, bool is_keyed, base::Instant now);

  /// Networks and sites that made room for others, and have all that they may again.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

 private:
  /// For chains that are known, and for others.
  struct Buckets {
    engine::TokenBucket known;
    engine::TokenBucket fresh;
    explicit Buckets(double of_known, double of_fresh) : known(of_known, of_known), fresh(of_fresh, of_fresh) {}
    [[nodiscard]] engine::TokenBucket& of(bool is_known) { return is_known ? known : fresh; }
  };
  struct Share : Buckets {
    explicit Share(double senders = 1)
        : Buckets(senders * kKnownSignaturesOfOneSender, senders * kNewSignaturesOfOneSender) {}
    void owe(double seconds, base::Instant now);  ///< what one sender has in that time
  };
  struct Site : Share {
    Site() : Share(kSendersOfOneSite) {}
  };

  Buckets keyed_{kKeyedKnownSignatures, kKeyedNewSignatures};
  Buckets shown_{kKnownSignatures, kNewSignatures};
  Buckets others_{kKnownSignatures, kNewSignatures};
  std::uint64_t forgotten_ = 0;
  base::Recent<base::Address, Share> shares_{kMaxSenders, forgotten_};  ///< by network
  base::Recent<base::Address, Site> sites_{kMaxSenders, forgotten_};    ///< of IPv6

  [[nodiscard]] bool take_shares(const base::Address& gateway, bool is_known, base::Instant now);
};

}  // namespace tedd

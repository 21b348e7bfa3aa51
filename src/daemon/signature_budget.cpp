#include "daemon/signature_budget.hpp"

#include "base/host.hpp"
#include "base/prefix.hpp"

namespace tedd {

namespace {

base::Address site_of(const base::Address& gateway) {
  return base::Prefix(gateway, 48).network();
}

/// More than half of it is left.
bool is_calm(engine::TokenBucket& bucket, double whole, base::Instant now) {
  return bucket.has(now) && bucket.left() > whole / 2;
}

}  // namespace

// The own share is asked first and keeps the rest for others. Who can be asked for an echo leaves half of what
// strangers have to those who cannot: its own turn comes with the echo, where no stranger is.
SignatureBudget::Verdict SignatureBudget::take(const engine::Sender& sender, bool is_keyed,
                                               engine::TokenBucket* of_chain, base::Instant now) {
  using enum engine::Sender::Reach;
  const bool is_known = of_chain != nullptr;
  const auto taken = [](bool done) { return done ? Verdict::kCheck : Verdict::kNone; };
  if (is_keyed) return taken(keyed_.of(is_known).take(now));
  engine::TokenBucket& of_all = others_.of(is_known);
  const auto as_stranger = [&] { return taken((!is_known || of_chain->take(now)) && of_all.take(now)); };
  if (sender.reach == kShown) {
    // What is empty for all costs nobody its share; and who has shown more is no worse off than who has shown nothing.
    engine::TokenBucket& of_shown = shown_.of(is_known);
    if (of_shown.has(now) && take_shares(sender.gateway, is_known, now)) return taken(of_shown.take(now));
    return as_stranger();
  }
  const bool is_quiet = is_calm(of_all, is_known ? kKnownSignatures : kNewSignatures, now) &&
                        (!is_known || is_calm(*of_chain, kSignaturesOfOneChain, now));
  if (sender.reach == kCanBeAsked && !is_quiet) return Verdict::kEchoFirst;
  return as_stranger();
}

bool SignatureBudget::take_shares(const base::Address& gateway, bool is_known, base::Instant now) {
  engine::TokenBucket& own = shares_.touch(base::host_of(gateway)).of(is_known);
  if (!own.has(now)) return false;
  if (gateway.family() == base::Family::kV6 && !sites_.touch(site_of(gateway)).of(is_known).take(now)) return false;
  return own.take(now);
}

void SignatureBudget::on_failed(const engine::Sender& sender, bool is_keyed, base::Instant now) {
  if (is_keyed || sender.reach != engine::Sender::Reach::kShown) return;
  Share& own = shares_.touch(base::host_of(sender.gateway));
  // It owes already, and was checked out of what strangers have: nobody else of its site pays for that.
  if (own.fresh.left() < 0) return;
  own.owe(kSecondsForAFailure, now);
  if (sender.gateway.family() == base::Family::kV6) sites_.touch(site_of(sender.gateway)).owe(1, now);
}

void SignatureBudget::Share::owe(double seconds, base::Instant now) {
  known.owe(seconds * kKnownSignaturesOfOneSender, now);
  fresh.owe(seconds * kNewSignaturesOfOneSender, now);
}

}  // namespace tedd

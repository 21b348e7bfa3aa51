#include "daemon/client_places.hpp"

namespace tedd {

std::optional<std::string> ClientPlaces::fault(uid_t user, bool trusted) const {
  if (taken_ >= kMost) return std::to_string(taken_) + " clients are connected";
  if (trusted) return std::nullopt;
  const auto own = of_reader_.find(user);
  if (own != of_reader_.end() && own->second >= kOfReader)
    return "user " + std::to_string(user) + " has " + std::to_string(own->second) + " connections already";
  if (of_readers_ >= kMost - kKept)
    return std::to_string(of_readers_) +
           " clients are connected that may only look; the other places are kept for root";
  return std::nullopt;
}

void ClientPlaces::take(uid_t user, bool trusted) {
  ++taken_;
  if (trusted) return;
  ++of_readers_;
  ++of_reader_[user];
}

void ClientPlaces::leave(uid_t user, bool trusted) {
  --taken_;
  if (trusted) return;
  --of_readers_;
  const auto own = of_reader_.find(user);
  if (--own->second == 0) of_reader_.erase(own);
}

}  // namespace tedd

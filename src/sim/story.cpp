#include "sim/story.hpp"

#include <array>
#include <string_view>

namespace sim {

namespace {

constexpr std::array<std::string_view, 24> kWords = {
    "a packet is caught",
    "probe",
    "response",
    "a forged response",
    "a response is sent again",
    "a damaged copy",
    "lost on the way",
    "arrives twice",
    "IKE begins",
    "IKE is refused",
    "IKE gets no answer",
    "tunnel up",
    "tunnel down",
    "rekeyed",
    "the other end is dead",
    "is cut off",
    "is reached again",
    "tedd ends",
    "charon ends",
    "the whole gateway ends",
    "starts",
    "its prefix moves",
    "its policy is replaced",
    "from now on it is calm",
};
static_assert(kWords.size() == static_cast<std::size_t>(Tale::kCalm) + 1);

constexpr std::uint32_t kNone = 0xffffffff;

}  // namespace

std::string text(base::Instant at) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
  std::string fraction = std::to_string(micros % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::to_string(micros / 1'000'000) + "." + fraction + " s";
}

std::string text(const Happening& happening) {
  std::string line = text(happening.at);
  line.insert(0, line.size() < 14 ? 14 - line.size() : 0, ' ');
  if (happening.from != kNone) line += "  gw-" + std::to_string(happening.from);
  if (happening.to != kNone) line += " -> gw-" + std::to_string(happening.to);
  line += "  " + std::string(kWords[static_cast<std::size_t>(happening.tale)]);
  if (happening.about != kNone) line += " (" + std::to_string(happening.about) + ")";
  return line;
}

std::vector<Happening> Story::told() const {
  std::vector<Happening> all;
  all.reserve(ring_.size());
  for (std::size_t i = 0; i < ring_.size(); ++i) all.push_back(ring_[(next_ + i) % ring_.size()]);
  return all;
}

}  // namespace sim

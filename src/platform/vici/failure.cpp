#include "platform/vici/failure.hpp"

#include <algorithm>
#include <array>

namespace vici {
namespace {

struct Pattern {
  std::string_view words;
  FailureClass failure;
};

/// kernel-libipsec says this when this host has no address among the local selectors.
constexpr std::string_view kNoLocalAddress = "error installing route with policy";

constexpr std::string_view kNoChild = "failed to establish CHILD_SA";
constexpr std::string_view kNoIke = "establishing IKE_SA failed";

constexpr std::array kPatterns = {
    Pattern{"received NO_PROPOSAL_CHOSEN", FailureClass::kNoProposal},
    Pattern{"no acceptable proposal", FailureClass::kNoProposal},
    Pattern{"no matching proposal", FailureClass::kNoProposal},
    Pattern{"received proposals unacceptable", FailureClass::kNoProposal},
    Pattern{"received TS_UNACCEPTABLE", FailureClass::kTsUnacceptable},
    Pattern{"no acceptable traffic selectors", FailureClass::kTsUnacceptable},
    Pattern{"received AUTHENTICATION_FAILED", FailureClass::kAuthFailed},
    Pattern{"MAC mismatched", FailureClass::kAuthFailed},
    Pattern{"no shared key found", FailureClass::kAuthFailed},
    Pattern{"no private key found", FailureClass::kAuthFailed},
    Pattern{"no trusted", FailureClass::kAuthFailed},
    Pattern{"signature validation failed", FailureClass::kAuthFailed},
    Pattern{"constraint check failed", FailureClass::kAuthFailed},
    Pattern{"giving up after", FailureClass::kPeerUnreachable},
    Pattern{"peer not responding", FailureClass::kPeerUnreachable},
    Pattern{"error writing to socket", FailureClass::kPeerUnreachable},
    Pattern{kNoLocalAddress, FailureClass::kOther},
    Pattern{"unable to install", FailureClass::kOther},
    Pattern{kNoChild, FailureClass::kOther},
    Pattern{kNoIke, FailureClass::kOther},
};

}  // namespace

std::string_view name(FailureClass failure) {
  switch (failure) {
    case FailureClass::kNoProposal: return "no_proposal";
    case FailureClass::kTsUnacceptable: return "ts_unacceptable";
    case FailureClass::kAuthFailed: return "auth_failed";
    case FailureClass::kTimeout: return "timeout";
    case FailureClass::kPeerUnreachable: return "peer_unreachable";
    case FailureClass::kOther: return "other";
  }
  return "other";
}

std::optional<FailureClass> classify(std::string_view line) {
  for (const Pattern& pattern : kPatterns) {
    if (line.find(pattern.words) != std::string_view::npos) return pattern.failure;
  }
  return std::nullopt;
}

bool is_last_word(std::string_view line) {
  return classify(line) == FailureClass::kOther && (line.contains(kNoChild) || line.contains(kNoIke));
}

std::string_view outside_blocks(std::string_view line) {
  if (!line.ends_with("is not contained in any address block constraint")) return {};
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

std::string_view way_out(std::string_view line) {
  if (line.find(kNoLocalAddress) == std::string_view::npos) return {};
  return "this gateway has no address inside the local selector, and charon's userspace ESP (kernel-libipsec) needs "
         "one: "
         "give an interface an address of the protected network, or use the kernel's ESP";
}

}  // namespace vici

// Limits of our own, each with its reason.
#pragma once

#include <cstddef>

namespace wire {

/// The longest datagram that is looked at. The longest that we write is a third of it; the rest is room for
/// extensions, and still small enough that a flood cannot make decoding expensive.
inline constexpr std::size_t kMaxDatagramLength = 4096;

/// The most payloads in a datagram. We write eleven at most; unknown ones cost a step each.
inline constexpr std::size_t kMaxPayloads = 16;

/// The most ends on each side of an offer, and the most exemptions: what a tunnel holds on a side.
inline constexpr std::size_t kMaxOfferEnds = 64;

/// The most certificates in a proof: the gateway's own, and those between it and one that the other end trusts.
inline constexpr std::size_t kMaxCertificates = 4;

/// The most IPv6 extension headers that are walked. Honest packets have one or two; RFC 8504 section 5.3 lets a host
/// set such a limit and suggests 8.
inline constexpr std::size_t kMaxExtensionHeaders = 8;

}  // namespace wire

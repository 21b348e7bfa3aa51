#include <gtest/gtest.h>

#include "unit/wire/build.hpp"
#include "wire/codec.hpp"
#include "wire/layout.hpp"
#include "wire/offer.hpp"
#include "wire/proof.hpp"

namespace {

using wire::Probe;
using wire::Response;

Response decoded(const base::Bytes& datagram) {
  const auto message = wire::decode(datagram);
  EXPECT_TRUE(message);
  return message ? std::get<Response>(*message) : Response{};
}

TEST(Encode, EveryProbeIsPaddedToTheSameLength) {
  Probe probe = sample_probe();
  EXPECT_EQ(encode(probe).size(), wire::kPaddedProbeLength);
  probe.summary.reset();
  EXPECT_EQ(encode(probe).size(), wire::kPaddedProbeLength);
  probe.half_proxy.reset();
  probe.capabilities.reset();
  EXPECT_EQ(encode(probe).size(), wire::kPaddedProbeLength);
  probe = sample_probe();
  probe.gateway = address("2001:db8::1");
  probe.half_proxy = masked("2001:db8:1::/48");
  probe.summary = flow("udp [2001:db8:1::5]:1 > [2001:db8:2::7]:2");
  EXPECT_EQ(encode(probe).size(), wire::kPaddedProbeLength);
}

TEST(Encode, TheLongestResponseFitsAnyProbe) {
  EXPECT_EQ(encode(sample_response()).size(), wire::kPaddedProbeLength);
}

// What an offer may say does not depend on the rest of the response: its longest has room for it, and for a proof with
// a keyed hash.
TEST(Encode, AnOfferThatFitsFitsTheLongestResponse) {
  Response response = sample_response();
  response.list.emplace().offer.proxy = base::SelectorList::of(*response.proxy);
  auto& exempt = response.list->offer.exempt;
  std::size_t fitting = 0;
  for (; exempt.size() < 64; exempt.push_back(*response.proxy)) {
    const bool fits = unpadded_length(response) + wire::proof_length({.has_keyed_hash = true}) <=
                      wire::list_probe_length(base::Family::kV6);
    const auto room = wire::response_room(base::Family::kV6);
    EXPECT_EQ(room.taken_by(response.list->offer) <= room.octets, fits) << exempt.size();
    fitting += fits ? 1U : 0U;
  }
  EXPECT_GT(fitting, 40U);
  EXPECT_LT(fitting, 64U);
}

TEST(EncodeWithin, LeavesOutNothingWhenThereIsRoom) {
  EXPECT_EQ(encode_within(sample_response(), 208), encode(sample_response()));
  EXPECT_EQ(encode_within(sample_response(), 4096), encode(sample_response()));
}

TEST(EncodeWithin, TheHalfProxyGoesFirst) {
  Response expected = sample_response();
  expected.half_proxy.reset();
  for (std::size_t limit = 168; limit < 208; ++limit) {
    EXPECT_EQ(decoded(encode_within(sample_response(), limit)), expected) << limit;
  }
}

TEST(EncodeWithin, ThenTheCapabilities) {
  Response expected = sample_response();
  expected.half_proxy.reset();
  expected.capabilities.reset();
  for (std::size_t limit = 144; limit < 168; ++limit) {
    EXPECT_EQ(decoded(encode_within(sample_response(), limit)), expected) << limit;
  }
}

TEST(EncodeWithin, ThenThereIsNoAnswer) {
  for (std::size_t limit = 0; limit < 144; ++limit)
    EXPECT_TRUE(encode_within(sample_response(), limit).empty()) << limit;
}

TEST(EncodeWithin, TheDraftFormKeepsItsHalfProxy) {
  Response draft = sample_response();
  draft.proxy.reset();
  EXPECT_EQ(encode_within(draft, 116), encode(draft));
  Response bare = draft;
  bare.capabilities.reset();
  EXPECT_EQ(decoded(encode_within(draft, 115)), bare);
  EXPECT_EQ(decoded(encode_within(draft, 92)), bare);
  EXPECT_TRUE(encode_within(draft, 91).empty());
}

TEST(EncodeExactly, IsThatLongAndSaysTheSame) {
  const wire::Message message = sample_probe();
  const std::size_t needed = wire::unpadded_length(message);
  EXPECT_EQ(needed, 116U);
  for (std::size_t length = 0; length <= 4200; ++length) {
    const auto datagram = encode_exactly(message, length);
    if (length == needed || (length >= needed + 20 && length <= 4096)) {
      ASSERT_EQ(datagram.size(), length);
      const auto said = wire::decode(datagram);
      ASSERT_TRUE(said);
      EXPECT_EQ(*said, message);
    } else {
      EXPECT_TRUE(datagram.empty()) << length;
    }
  }
}

// What the response payload cannot say never makes it wider.
TEST(Encode, ARangeOfPortsBecomesOneOfThem) {
  Response response = sample_response();
  response.proxy->local_port = {1000, 2000};
  response.proxy->remote_port = {0, 1023};
  const auto proxy = decoded(encode(response)).proxy;
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->local_port, base::PortRange::only(1000));
  EXPECT_EQ(proxy->remote_port, base::PortRange::only(1023));
  EXPECT_TRUE(sample_response().proxy->remote.covers(proxy->remote));
}

TEST(Encode, PortZeroIsNotAnyPort) {
  Response response = sample_response();
  response.proxy->remote_port = base::PortRange::only(0);
  EXPECT_EQ(decoded(encode(response)).proxy->remote_port, base::PortRange::only(0));
  EXPECT_EQ(decoded(encode(response)).proxy->local_port, base::PortRange::any());
}

}  // namespace

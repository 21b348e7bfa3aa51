#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "cases.hpp"
#include "policy/intersection.hpp"
#include "wire/codec.hpp"

namespace bench {

namespace {

constexpr std::size_t kBatch = 1024;
constexpr double kCodecGoal = 60;
constexpr double kIntersectionGoal = 30;

template <class F>
std::function<void()> repeated(F what) {
  return [what = std::move(what)]() mutable {
    for (std::size_t i = 0; i < kBatch; ++i) what();
  };
}

void add_floors(std::vector<Case>& cases) {
  using Block = std::array<std::uint8_t, 200>;
  const auto blocks = std::make_shared<std::pair<Block, Block>>();
  cases.push_back({"floor: memcpy of 200 B", {}, 0, kBatch, {}, repeated([blocks] {
                     std::memcpy(blocks->first.data(), blocks->second.data(), sizeof(Block));
                     keep(*blocks);
                   })});
  cases.push_back({"floor: new and delete of 200 B", {}, 0, kBatch, {}, repeated([] {
                     auto block = std::make_unique<Block>();
                     keep(*block);
                   })});
  cases.push_back({"floor: reading the clock", {}, 0, kBatch, {}, repeated([] {
                     auto now = std::chrono::steady_clock::now();
                     keep(now);
                   })});
}

base::Flow flow(const char* text) {
  return base::Flow::parse(text).value();
}

base::Selector line(const char* local, const char* remote) {
  return {.protocol = base::Protocol::kTcp,
          .local = base::MaskedAddress::parse(local).value(),
          .remote = base::MaskedAddress::parse(remote).value(),
          .local_port = base::PortRange::any(),
          .remote_port = base::PortRange::only(443)};
}

void add_codec(std::vector<Case>& cases, const std::string& family, const char* gateway, const base::Flow& first,
               const base::Selector& proxy) {
  const wire::Probe probe{.initiator_cookie = {1, 2, 3, 4, 5, 6, 7, 8},
                          .gateway = base::Address::parse(gateway).value(),
                          .half_proxy = proxy.local,
                          .capabilities = wire::Capabilities{},
                          .summary = first};
  const wire::Response response{.initiator_cookie = probe.initiator_cookie,
                                .responder_cookie = {8, 7, 6, 5, 4, 3, 2, 1},
                                .gateway = probe.gateway,
                                .half_proxy = proxy.local,
                                .capabilities = wire::Capabilities{},
                                .proxy = proxy};
  const auto decoding = [](base::Bytes bytes) {
    return repeated([bytes = std::move(bytes)]() mutable {
      keep(bytes);
      auto message = wire::decode(bytes);
      keep(message);
    });
  };
  const auto encoding = [](auto message) {
    return repeated([message]() mutable {
      keep(message);
      auto bytes = wire::encode(message);
      keep(bytes);
    });
  };
  const std::string copy = "floor: memcpy of 200 B";
  const std::string allocate = "floor: new and delete of 200 B";
  cases.push_back({"decode a probe, " + family, copy, kCodecGoal, kBatch, {}, decoding(wire::encode(probe))});
  cases.push_back({"decode a response, " + family, copy, kCodecGoal, kBatch, {}, decoding(wire::encode(response))});
  cases.push_back({"encode a probe, " + family, allocate, kCodecGoal, kBatch, {}, encoding(probe)});
  cases.push_back({"encode a response, " + family, allocate, kCodecGoal, kBatch, {}, encoding(response)});
}

void add_intersection(std::vector<Case>& cases, const std::string& family, const base::Selector& mine,
                      const base::Selector& theirs) {
  cases.push_back({"intersect two lines, " + family,
                   "floor: memcpy of 200 B",
                   kIntersectionGoal,
                   kBatch,
                   {},
                   repeated([mine, theirs]() mutable {
                     keep(mine);
                     keep(theirs);
                     auto common = policy::intersect(mine, theirs);
                     keep(common);
                   })});
}

}  // namespace

void add_wire_cases(std::vector<Case>& cases) {
  add_floors(cases);
  const auto v4 = line("10.1.0.0/16", "10.2.0.0/24");
  const auto v6 = line("2001:db8:1::/48", "2001:db8:2::/64");
  add_codec(cases, "IPv4", "192.0.2.1", flow("tcp 10.1.0.10:40000 > 10.2.0.10:443"), v4);
  add_codec(cases, "IPv6", "2001:db8:ff::1", flow("tcp [2001:db8:1::10]:40000 > [2001:db8:2::10]:443"), v6);
  add_intersection(cases, "IPv4", v4, line("10.1.0.0/24", "10.0.0.0/8"));
  add_intersection(cases, "IPv6", v6, line("2001:db8:1::/64", "2001:db8::/32"));
}

}  // namespace bench

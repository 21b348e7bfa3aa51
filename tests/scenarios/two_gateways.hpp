// The network of figure 1: host 102 - initiator peer 104 (A) - responder peer 106 (B) - host 108.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "sim/world.hpp"

namespace scenarios {

inline base::MaskedAddress masked(const std::string& text) {
  return *base::MaskedAddress::parse(text);
}
inline base::Address address(const std::string& text) {
  return *base::Address::parse(text);
}
inline base::Flow flow(const std::string& text) {
  return *base::Flow::parse(text);
}

inline policy::Rule protect(std::string name, const std::string& local, const std::string& remote) {
  policy::Rule rule;
  rule.name = std::move(name);
  rule.local = {masked(local)};
  rule.remote = {masked(remote)};
  return rule;
}

inline policy::Rule bypass(std::string name, const std::string& local, const std::string& remote) {
  policy::Rule rule = protect(std::move(name), local, remote);
  rule.action = policy::Action::kBypass;
  return rule;
}

/// A protects 10.1.0.0/16 towards 10.0.0.0/8, B protects 10.2.0.0/24 towards 10.1.0.0/16, unless a test says otherwise.
class TwoGateways : public ::testing::Test {
 protected:
  void start(std::vector<policy::Rule> a = {protect("branch", "10.1.0.0/16", "10.0.0.0/8")},
             std::vector<policy::Rule> b = {protect("office", "10.2.0.0/24", "10.1.0.0/16")}) {
    world_.add_gateway({"A", address("192.0.2.1"), std::move(a)});
    world_.add_gateway({"B", address("192.0.2.2"), std::move(b)});
    world_.place(*base::Prefix::parse("10.1.0.0/16"), 0);
    world_.place(*base::Prefix::parse("10.2.0.0/16"), 2);
  }

  std::uint64_t count(const std::string& gateway, engine::Counter counter) {
    return world_.engine(gateway).counters().value(counter);
  }

  const base::Flow p_ = flow("udp 10.1.0.10:40000 > 10.2.0.10:53");
  sim::World world_{1};
};

using Arrows = std::vector<std::string>;

}  // namespace scenarios

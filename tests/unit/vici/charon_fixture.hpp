// What the tests against two real charons share. The lab is made once a suite.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <optional>

#include "platform/vici/charon.hpp"
#include "platform/vici/selector_text.hpp"
#include "unit/vici/charon_lab.hpp"
#include "unit/vici/driver.hpp"

namespace vici_lab {

using namespace std::chrono_literals;

inline const base::Address kA = base::Address::v4(0xc0000201);
inline const base::Address kB = base::Address::v4(0xc0000202);

inline base::MaskedAddress net(const char* text) {
  return base::MaskedAddress::parse(text).value();
}

inline base::Selector selector(std::optional<base::Protocol> protocol, const char* local, const char* remote,
                               base::PortRange local_port = {}, base::PortRange remote_port = {}) {
  return {protocol, net(local), net(remote), local_port, remote_port};
}

inline vici::ResponderConfig responder(const base::Address& address, const char* local, const char* remote) {
  vici::ResponderConfig config;
  config.local_addresses = {address};
  config.children = {{"rule", {local}, {remote}}};
  return config;
}

inline vici::Initiation initiation(std::string name, const std::vector<base::Selector>& selectors, bool from_a = true) {
  auto child = vici::child_of(name, selectors).value();
  return {std::move(name), from_a ? kA : kB, from_a ? kB : kA, child.local_ts, child.remote_ts, {}};
}

class CharonTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    missing_ = vici_lab::missing();
    if (!missing_.empty()) return;
    lab_ = std::make_unique<vici_lab::Lab>();
    if (!lab_->is_up()) {
      broken_ = "the namespaces cannot be made: " + lab_->trouble();
      return;
    }
    if (!lab_->start(0) || !lab_->start(1)) broken_ = "charon does not answer: " + lab_->trouble();
  }
  static void TearDownTestSuite() { lab_.reset(); }

  void SetUp() override {
    if (!missing_.empty()) GTEST_SKIP() << "charon lab: " << missing_;
    ASSERT_EQ(broken_, "") << "this machine has all that the lab needs, so it has to come up";
    a_ = std::make_unique<Driver>(lab_->socket(0));
    b_ = std::make_unique<Driver>(lab_->socket(1));
    ASSERT_TRUE(until(both(), [&] { return a_->charon.is_connected() && b_->charon.is_connected(); }));
    load(*a_, responder(kA, "10.1.0.0/16", "10.0.0.0/8"), "secret");
    load(*b_, responder(kB, "10.2.0.0/16", "10.0.0.0/8"), "secret");
  }
  void TearDown() override {
    if (!a_ || !b_) return;
    for (Driver* driver : both()) {
      call<void>([&](auto done) { driver->charon.terminate_all_own(std::move(done)); });
      call<void>([&](auto done) { driver->charon.unload_all_own(std::move(done)); });
    }
  }

  std::vector<Driver*> both() { return {a_.get(), b_.get()}; }

  template <class T>
  vici::Result<T> call(const std::function<void(vici::Charon::Done<T>)>& operation) {
    std::optional<vici::Result<T>> result;
    operation([&](vici::Result<T> got) { result.emplace(std::move(got)); });
    EXPECT_TRUE(until(both(), [&] { return result.has_value(); }));
    if (!result) return std::unexpected(vici::Error{vici::ErrorCode::kClosed, "test", 0});
    return *result;
  }
  void load(Driver& driver, const vici::ResponderConfig& config, const char* secret) {
    const auto loaded = call<void>([&](auto done) { driver.charon.load_responder(config, std::move(done)); });
    EXPECT_TRUE(loaded) << loaded.error().text();
    const auto keyed = call<void>([&](auto done) { driver.charon.load_psk(secret, std::move(done)); });
    EXPECT_TRUE(keyed) << keyed.error().text();
  }
  vici::InitiationResult start(Driver& driver, const vici::Initiation& what, base::Duration timeout = 5s) {
    std::optional<vici::InitiationResult> result;
    const auto begin = vici_lab::now();
    driver.charon.initiate(what, timeout, [&](const vici::InitiationResult& got) { result = got; });
    EXPECT_TRUE(until(both(), [&] { return result.has_value(); }, 20s));
    took_ = vici_lab::now() - begin;
    EXPECT_TRUE(until(both(), [&] { return driver.charon.initiations() == 0; }));
    return result.value_or(vici::Failure{vici::FailureClass::kOther, "no result"});
  }
  std::vector<std::string> connections(int side) {
    std::vector<std::string> names;
    std::optional<bool> done;
    auto connection = vici::Connection::open(lab_->socket(side)).value();
    const auto asked = connection->request("get-conns", {}, [&](const vici::Result<vici::Message>& reply) {
      if (const auto* list = reply ? reply->list("conns") : nullptr) names = *list;
      done = true;
    });
    EXPECT_TRUE(asked);
    while (!done) connection->on_readable();
    return names;
  }

  void rekey(int side, const char* what, std::uint32_t id) {
    std::optional<bool> done;
    auto connection = vici::Connection::open(lab_->socket(side)).value();
    const auto asked = connection->request("rekey", vici::Message().add(what, std::to_string(id)),
                                           [&](const vici::Result<vici::Message>& reply) {
                                             EXPECT_TRUE(vici::outcome(reply)) << vici::outcome(reply).error().text();
                                             done = true;
                                           });
    EXPECT_TRUE(asked);
    while (!done) connection->on_readable();
  }

  static inline std::string missing_;  // what this machine lacks: skipped
  static inline std::string broken_;   // why the lab does not come up all the same: failed
  static inline std::unique_ptr<vici_lab::Lab> lab_;
  std::unique_ptr<Driver> a_;
  std::unique_ptr<Driver> b_;
  base::Duration took_{};
};

inline std::string words(const vici::InitiationResult& result) {
  return result ? std::string(name(result->failure)) + ": " + result->words : "up";
}

}  // namespace vici_lab

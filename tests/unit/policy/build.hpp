// Rules, boxes and flows from short text, for tests.
#pragma once

#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/flow.hpp"
#include "base/selector.hpp"
#include "base/selector_list.hpp"
#include "policy/rule.hpp"
#include "policy/snapshot.hpp"

namespace policy_test {

inline base::MaskedAddress addresses(const std::string& text) {
  const auto parsed = base::MaskedAddress::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(base::MaskedAddress{});
}

inline base::Flow flow(const std::string& text) {
  const auto parsed = base::Flow::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(base::Flow{});
}

inline base::PortRange ports(const std::string& text) {
  return base::PortRange::parse(text).value_or(base::PortRange{});
}

inline base::SelectorEnd end(const std::string& address, const std::string& port = "any") {
  return {addresses(address), ports(port)};
}

/// `protocol` is "any" or what parse_protocol() takes.
inline base::Selector box(const std::string& protocol, const std::string& local, const std::string& remote,
                          const std::string& local_port = "any", const std::string& remote_port = "any") {
  base::Selector made{{}, addresses(local), addresses(remote), ports(local_port), ports(remote_port)};
  if (protocol != "any") made.protocol = base::parse_protocol(protocol).value_or(base::Protocol{});
  return made;
}

inline policy::Rule rule(const std::string& name, policy::Action action, const base::Selector& line) {
  policy::Rule made;
  made.name = name;
  made.action = action;
  made.local = {line.local};
  made.remote = {line.remote};
  made.protocol = line.protocol;
  made.local_port = line.local_port;
  made.remote_port = line.remote_port;
  return made;
}

inline policy::Rule protect(const std::string& name, const base::Selector& line) {
  return rule(name, policy::Action::kProtect, line);
}
inline policy::Rule bypass(const std::string& name, const base::Selector& line) {
  return rule(name, policy::Action::kBypass, line);
}

}  // namespace policy_test

// Short ways to values for the tests of wire.
#pragma once

#include <string_view>

#include "wire/message.hpp"

inline base::Address address(std::string_view text) {
  return base::Address::parse(text).value();
}
inline base::MaskedAddress masked(std::string_view text) {
  return base::MaskedAddress::parse(text).value();
}
inline base::Flow flow(std::string_view text) {
  return base::Flow::parse(text).value();
}

inline wire::Probe sample_probe() {
  return {{1, 2, 3, 4, 5, 6, 7, 8},
          address("192.0.2.1"),
          masked("10.1.0.0/16"),
          wire::Capabilities{wire::Capabilities::kSelectorList},
          flow("tcp 10.1.0.5:40000 > 10.2.0.7:443")};
}

/// The longest response there is.
inline wire::Response sample_response() {
  return {{1, 2, 3, 4, 5, 6, 7, 8},
          {9, 10, 11, 12, 13, 14, 15, 16},
          address("2001:db8::1"),
          masked("2001:db8:1::/48"),
          wire::Capabilities{0},
          base::Selector{base::Protocol::kTcp, masked("2001:db8:1::/48"), masked("2001:db8:2::/48"),
                         base::PortRange::any(), base::PortRange::only(443)}};
}

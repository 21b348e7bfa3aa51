// Two gateways' configurations whose lines differ in addresses, protocol and ports.
#pragma once

#include <string>

namespace cli_test {

inline std::string config_with(const std::string& rules) {
  return R"([gateway]
addresses = ["192.0.2.1"]
interfaces = ["wan0"]

[ike]
psk_file = "/etc/opented/psk"

)" + rules;
}

inline const std::string kMine = config_with(R"([[rule]]
name = "printer"
action = "bypass"
local = ["10.1.0.9"]
remote = ["any"]

[[rule]]
name = "web"
action = "protect"
local = ["10.1.0.0/16"]
remote = ["10.0.0.0/8"]
protocol = "tcp"
remote_port = 443

[[rule]]
name = "masks"
action = "protect"
local = ["10.4.0.1/255.255.0.255"]
remote = ["10.5.0.0/16"]

[[rule]]
name = "forbidden"
action = "block"
local = ["10.1.0.0/16"]
remote = ["10.66.0.0/16"]
)");

inline const std::string kPeer = config_with(R"([[rule]]
name = "site"
action = "protect"
local = ["10.2.0.0/24"]
remote = ["10.1.0.0/17", "10.4.0.0/16"]

[[rule]]
name = "udp-only"
action = "protect"
local = ["10.3.0.0/24"]
remote = ["10.1.0.0/16"]
protocol = "udp"
)");

}  // namespace cli_test

#include "platform/nft/safety_net.hpp"

#include <span>
#include <vector>

#include "platform/nft/covered.hpp"
#include "platform/nft/match.hpp"
#include "platform/nft/quoted.hpp"
#include "platform/nft/ted_match.hpp"

namespace nft {
namespace {

using base::Family;
using policy::Rule;

std::string address_set(const std::vector<Interval>& intervals, Family family) {
  std::string set;
  for (const Interval& interval : intervals) {
    const std::string first = base::Address(family, interval.first).text();
    set += (set.empty() ? "{ " : ", ") + first;
    if (interval.last != interval.first) set += "-" + base::Address(family, interval.last).text();
  }
  return set + " }";
}

std::string set_beside() {
  return "meta mark set meta mark | " + hexadecimal(kBesideMark) + "\n";
}

/// Lines that mark what goes from the local side to the remote one, or comes from there.
std::string marks(std::span<const Rule> rules, bool out) {
  std::string lines;
  for (const Family family : {Family::kV4, Family::kV6}) {
    const auto local = covered(rules, family, &Rule::local);
    const auto remote = covered(rules, family, &Rule::remote);
    if (local.empty()) continue;
    const std::string ip = family == Family::kV4 ? "ip" : "ip6";
    lines += "\t\t" + ip + " saddr " + address_set(out ? local : remote, family) + " " + ip + " daddr " +
             address_set(out ? remote : local, family) + " " + set_beside();
  }
  return lines;
}

std::string hook(const std::string& name, const std::string& where, int priority, const std::string& lines) {
  return "\tchain " + name + " {\n\t\ttype filter hook " + where + " priority " + std::to_string(priority) +
         "; policy accept;\n" + lines + "\t}\n";
}

/// Errors in the clear to the outside: as the guard's `postrouting`, but that no quote is read beyond its addresses.
std::string postrouting_before(std::span<const Rule> rules, std::span<const std::string> interfaces) {
  std::string quoted = "\tchain quoted {\n";
  for (const std::string& match : quoted_of_no_rule(rules)) quoted += "\t\t" + match + "accept\n";
  quoted += "\t\t" + set_beside() + "\t}\n";
  std::string lines = "\t\t" + std::string(kBetweenIcmp) +
                      "accept\n\t\tmeta l4proto 59-255 accept\n\t\trt ipsec exists accept\n";  // most go at once
  lines +=
      interfaces.empty() ? "\t\toifname \"lo\" accept\n" : "\t\toifname != " + interface_set(interfaces) + " accept\n";
  for (const std::string_view error : kIcmpErrors) lines += "\t\t" + std::string(error) + "goto quoted\n";
  // What stands behind the first fragment is quoted, too, and nobody puts them together where the guard is not.
  lines += "\t\tip protocol 1 ip frag-off & 0x1fff != 0 " + set_beside();
  lines += "\t\tmeta l4proto 58 frag frag-off != 0 " + set_beside();
  return quoted + hook("postrouting_before", "postrouting", kGuardPriority - 1, lines);
}

/// Behind it nothing looks for a tunnel any more.
std::string postrouting_behind(const std::string& drop) {
  const std::string marked = "\t\tmeta mark & " + hexadecimal(kTunnelMark) + " != 0 ";
  return hook("postrouting_behind", "postrouting", kGuardPriority + 1,
              "\t\tmeta mark & " + hexadecimal(kTunnelMark | kBesideMark) + " == 0 accept\n" + marked +
                  "rt ipsec missing counter drop comment \"lost its tunnel to address translation\"\n" + marked +
                  "meta mark set meta mark & " + hexadecimal(~kTunnelMark) + "\n" + drop);
}

}  // namespace

std::string safety_net_ruleset(const policy::Snapshot& policy, std::string_view tunnel_interface,
                               std::span<const std::string> interfaces) {
  const std::string device = quote(tunnel_interface);
  const std::string into = "\t\trt ipsec exists meta mark set meta mark | " + hexadecimal(kTunnelMark) +
                           " accept\n\t\toifname " + device + " accept\n";
  const auto from = [&device](const std::string& where) {
    return "\t\t" + where + "meta ipsec exists accept\n\t\t" + where + "iifname " + device + " accept\n";
  };
  // What leaves by an outside interface again is judged like all else.
  const std::string inside = interfaces.empty() ? std::string{} : "oifname != " + interface_set(interfaces) + " ";
  const std::string links = "\t\ticmpv6 type { 130-137, 143 } accept\n";
  const std::string out = marks(policy.rules(), true);
  const std::string in = marks(policy.rules(), false);
  const std::string drop =
      "\t\tmeta mark & " + hexadecimal(kBesideMark) + " != 0 counter drop comment \"no guard has judged it\"\n";

  const std::string name(kSafetyNetTable);
  // As in interception_ruleset(): the first line makes the second one succeed.
  std::string text = "table " + name + " { flags owner; }\ndelete table " + name + "\ntable " + name +
                     " {\n\tflags owner;\n\tcomment \"OpenTED safety net; goes with tedd\"\n";
  text += hook("forward_before", "forward", kGuardPriority - 1, into + from(inside) + out + in);
  text += hook("output_before", "output", kGuardPriority - 1,
               "\t\t" + own_ted_match() + "accept\n\t\toifname \"lo\" accept\n" + links + into + out);
  text += hook("input_before", "input", kGuardPriority - 1, "\t\tiifname \"lo\" accept\n" + links + from({}) + in);
  for (const std::string where : {"forward", "output", "input"}) {
    text += hook(where + "_behind", where, kGuardPriority + 1, drop);
  }
  text += postrouting_before(policy.rules(), interfaces) + postrouting_behind(drop);
  return text + "}\n";
}

}  // namespace nft

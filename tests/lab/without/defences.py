"""The defences that no configuration turns off, and where each one stands in the source: what is there, and what stands there in tedd_without.

`without("NAME")` is true where OPENTED_LAB_WITHOUT names it. Each text stands in its file exactly once: a defence that moves fails the build.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    file: str
    """Below src."""
    there: str
    instead: str


DEFENCES: dict[str, tuple[Change, ...]] = {
    # An answer belongs to the probe whose cookie it has; without, to whichever is under way.
    "cookies": (
        Change("engine/discoveries.cpp",
               "return found == by_cookie_.end() ? nullptr : *found;",
               'return found == by_cookie_.end() ? (without("cookies") ? oldest(State::kProbing) : nullptr) : *found;'),
    ),
    # No answer goes to an address that is no gateway's.
    "usable-gateways": (
        Change("engine/responder.cpp",
               "if (!context_.is_usable_peer(probe.gateway)) return",
               'if (!without("usable-gateways") && !context_.is_usable_peer(probe.gateway)) return'),
    ),
    # So many answers a second to one gateway, and to all.
    "answer-rates": (
        Change("engine/admission.cpp",
               "Asker& one = askers_.touch(gateway);\n  // The",
               'if (without("answer-rates")) return true;\n  Asker& one = askers_.touch(gateway);\n  // The'),
    ),
    # No answer is longer than its probe.
    "shorter-answers": (
        Change("engine/responder.cpp",
               "const std::size_t limit = std::max(datagram.payload.size(), header) - header;",
               'const std::size_t limit = without("shorter-answers") ? 4096 : std::max(datagram.payload.size(), header) - header;'),
    ),
    # A datagram is decoded whole or not at all; without, what was read before the fault is taken for all of it.
    "whole-datagrams": (
        Change("wire/decode.cpp",
               "if (!decode_payloads(datagram, header, message, error)) result",
               'if (!decode_payloads(datagram, header, message, error) && !without("whole-datagrams")) result'),
    ),
    # So many reports and discoveries for one host.
    "host-rates": (
        Change("platform/nft/caught.cpp",
               'constexpr std::string_view kOverReportRate = "limit rate over 5000/second burst 5000 packets ";',
               'const std::string_view kOverReportRate = without("host-rates") ? "limit rate over 1000000/second burst 60000 packets "\n'
               '    : "limit rate over 5000/second burst 5000 packets ";'),
        Change("platform/nft/caught.cpp",
               'constexpr std::string_view kBusy = "limit rate over 100/second burst 200 packets";',
               'const std::string_view kBusy = without("host-rates") ? "limit rate over 1000000/second burst 60000 packets"\n'
               '    : "limit rate over 100/second burst 200 packets";'),
        Change("engine/probe_pace.cpp",
               "// The host's own bucket first:",
               'if (without("host-rates")) return true;\n  // The host\'s own bucket first:'),
    ),
    # Places at the control socket that whoever may only look does not get.
    "kept-places": (
        Change("daemon/client_places.cpp",
               "if (trusted) return std::nullopt;\n  const auto own",
               'if (trusted || without("kept-places")) return std::nullopt;\n  const auto own'),
    ),
    # The end of a line at the control socket, in time and in bytes.
    "ends-of-lines": (
        Change("daemon/control_server.cpp",
               "if (!client.line_due || *client.line_due > now) continue;",
               'if (without("ends-of-lines") || !client.line_due || *client.line_due > now) continue;'),
        Change("daemon/control_server.cpp",
               "return client.in.size() <= control::kMaxRequestLine;",
               'return without("ends-of-lines") || client.in.size() <= control::kMaxRequestLine;'),
    ),
    # Who may only look changes nothing.
    "rights-of-readers": (
        Change("daemon/control_server.cpp",
               "const bool trusted = user == 0 || user == ::geteuid();",
               'const bool trusted = user == 0 || user == ::geteuid() || without("rights-of-readers");'),
    ),
    # What others take out of the guard, the net behind it drops until it is back.
    "safety-net": (
        Change("daemon/guard_keeper.cpp",
               "if (net_ && text == net_text_) return;",
               'if (without("safety-net") || (net_ && text == net_text_)) return;'),
    ),
    # A CHILD_SA that charon granted is judged against the whole policy.
    "judged-tunnels": (
        Change("engine/tunnels.cpp",
               'if (!rule) return refused(Counter::kTunnelsRefused, "policy does not protect all that it carries");',
               'if (!rule && without("judged-tunnels")) return {};\n'
               '  if (!rule) return refused(Counter::kTunnelsRefused, "policy does not protect all that it carries");'),
    ),
    # A bypass line's mirror image lets in what answers it, and nothing out; without, it counts both ways.
    "mirrors-for-arrivals": (
        Change("platform/nft/guard.cpp",
               "for (std::size_t i = 0; i < rules.size(); ++i) write_outbound(text, rules[i], i, options);",
               "for (std::size_t i = 0; i < rules.size(); ++i) {\n"
               '    if (without("mirrors-for-arrivals") && rules[i].action == policy::Action::kBypass) write_inbound(text, rules[i], i, options);\n'
               "    write_outbound(text, rules[i], i, options);\n"
               "  }"),
    ),
    # A guard follows the one before it in one transaction; without, the one before is taken out first, and the net, which would drop what passes then, is not there.
    "guards-at-once": (
        Change("platform/nft/replacement.cpp",
               "auto entered = build();",
               'if (without("guards-at-once")) {\n'
               "      Batch way;\n"
               "      for (const Standing::Rule& rule : before.entries) {\n"
               "        if (edition_of(rule.goes_to)) delete_rule(way, rule.chain, rule.handle);\n"
               "      }\n"
               "      if (auto gone = client_.run(std::move(way)); !gone) return std::unexpected(gone.error());\n"
               "    }\n"
               "    auto entered = build();"),
        Change("platform/nft/replacement.cpp",
               "if (edition_of(rule.goes_to)) delete_rule(batch, rule.chain, rule.handle);",
               'if (edition_of(rule.goes_to) && !without("guards-at-once")) delete_rule(batch, rule.chain, rule.handle);'),
        Change("daemon/guard_keeper.cpp",
               "std::string text = nft::safety_net_ruleset(policy, kTunnelInterface, outside());",
               'if (without("guards-at-once")) return;\n'
               "  std::string text = nft::safety_net_ruleset(policy, kTunnelInterface, outside());"),
    ),
}

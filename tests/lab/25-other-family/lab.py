"""Hosts of one family behind gateways whose tunnel ends are of the other."""
from __future__ import annotations

from typing import NamedTuple

from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.selector import Selector
from lib.tedd import Config, Rule
from lib.traffic import Tcp
from lib.wireshark import check_dissection

PROVES = "IPv6 hosts are protected by gateways that have IPv4 tunnel ends alone, and the other way round"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "ipv6")


class Side(NamedTuple):
    """One family's addresses of figure 1."""

    near: str
    h1: str
    a_lan: str
    a_wan: str
    b_wan: str
    b_lan: str
    h2: str
    far: str
    bits: int


V4 = Side("10.1.0.0/24", "10.1.0.10", "10.1.0.1", "192.0.2.1", "192.0.2.2", "10.2.0.1", "10.2.0.10", "10.2.0.0/24", 24)
V6 = Side("2001:db8:1::/64", "2001:db8:1::10", "2001:db8:1::1", "2001:db8:ff::1", "2001:db8:ff::2", "2001:db8:2::1", "2001:db8:2::10",
          "2001:db8:2::/64", 64)


def cross(lab: Lab, inside: Side, outside: Side, words: str) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", f"{inside.h1}/{inside.bits}").route("default", inside.a_lan)
    a = network.router("gwA").address("lan", f"{inside.a_lan}/{inside.bits}").route(inside.far, inside.b_wan)
    b = network.router("gwB").address("lan", f"{inside.b_lan}/{inside.bits}").route(inside.near, inside.a_wan)
    h2 = network.host("h2").address("eth0", f"{inside.h2}/{inside.bits}").route("default", inside.b_lan)
    for side in (inside, outside):
        a.address("wan", f"{side.a_wan}/{side.bits}")
        b.address("wan", f"{side.b_wan}/{side.bits}")
    network.link(h1, "eth0", a, "lan")
    network.link(b, "lan", h2, "eth0")
    wire = network.tapped_link("wire", a, "wan", b, "wan")
    network.build()
    middle = lab.capture(wire, "left", f"middle-{words.split()[0]}")
    rule = Rule("hosts", [inside.near], [inside.far], first_packet="hold")
    gateways = (lab.gateway(a, Config([outside.a_wan], [rule])),
                lab.gateway(b, Config([outside.b_wan], [Rule("hosts", [inside.far], [inside.near])])))
    lab.start_gateways(*gateways)

    lab.check(Tcp(h1, h2, inside.h2, 443).attempt(8) is not None, f"{words}: a TCP connection is established and answered")
    agreed = Selector(inside.near, inside.far)
    gateways[0].wait_selectors([agreed])
    gateways[1].wait_selectors([agreed.mirrored()])
    lab.say("the tunnel carries exactly the intersection at both ends")
    lab.check(gateways[0].tedd.counter("packets_released") >= 1, "its first packet was held and released")
    packets = middle.flush()
    check_dissection(lab, middle, "version 3")
    probe = next((packet for packet in packets if packet.kind is Kind.PROBE), None)
    lab.check(probe is not None and (str(probe.source), str(probe.destination)) == (inside.h1, inside.h2),
              "the probe travelled the path of its packet", str(probe))
    carried = [packet for packet in packets if packet.kind in (Kind.ESP, Kind.ESP_IN_UDP, Kind.IKE, Kind.RESPONSE)]
    ends = {outside.a_wan, outside.b_wan}
    lab.check(bool(carried) and all({str(packet.source), str(packet.destination)} == ends for packet in carried),
              "response, IKE and ESP went between the tunnel ends", "; ".join(map(str, carried[:5])))
    figure1.check_wire(lab, packets, inside.near, inside.far)


def run(lab: Lab) -> None:
    cross(lab, V6, V4, "six in four")
    cross(lab, V4, V6, "four in six")

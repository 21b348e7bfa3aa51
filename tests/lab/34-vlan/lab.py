"""Gateways whose outside interface is a VLAN's, on a cable whose every frame has a tag."""
from __future__ import annotations

import ipaddress
import os

from lib import figure1, raw, ted
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Config
from lib.topology import Network, Node
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "discovery and a tunnel through a VLAN's interface, whose shield bounds probes; what comes for another VLAN is neither taken nor counted"
DATAPLANES = (Dataplane.KERNEL,)
NEEDS = ("binaries", "vlan", "xdp")
PLAN = figure1.PLAIN
VLAN, OTHER = 7, 8
INTERFACE = f"wan.{VLAN}"


def probe(source: str) -> bytes:
    """For h2, such as gwB answers."""
    summary = ted.Summary(17, ipaddress.ip_address(source), ipaddress.ip_address(PLAN.h2), 4000, 4000)
    message = ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(PLAN.a_wan), capabilities=0, summary=summary, padding=64)
    return raw.udp_packet(source, 4000, PLAN.h2, 500, ted.encode(message))


def gateway(network: Network, name: str, lan: str, wan: str, other: str, beside: str) -> Node:
    """With interfaces of both VLANs, `beside` in the second; its traffic goes through the first."""
    return network.router(name).address("lan", f"{lan}/24").address(INTERFACE, f"{wan}/24").address(f"wan.{OTHER}", beside).route("default", other)


def add_vlans(node: Node) -> None:
    """To its interface `wan`, which is up by then."""
    for vlan in (VLAN, OTHER):
        node.commands += [f"link add link wan name wan.{vlan} type vlan id {vlan}", f"link set wan.{vlan} up"]


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", f"{PLAN.h1}/24").route("default", PLAN.a_lan)
    h2 = network.host("h2").address("eth0", f"{PLAN.h2}/24").route("default", PLAN.b_lan)
    cable = network.host("cable")
    a = gateway(network, "gwA", PLAN.a_lan, PLAN.a_wan, PLAN.b_wan, "198.51.100.1/24")
    b = gateway(network, "gwB", PLAN.b_lan, PLAN.b_wan, PLAN.a_wan, "198.51.100.2/24")
    network.link(h1, "eth0", a, "lan")
    network.link(b, "lan", h2, "eth0")
    network.link(a, "wan", cable, "left")
    network.link(cable, "right", b, "wan")
    add_vlans(a)
    add_vlans(b)
    cable.commands += ["link add name cable type bridge mcast_snooping 0", "link set left master cable", "link set right master cable", "link set cable up"]
    network.build()
    middle = lab.capture(cable, "left", "middle")
    first = lab.gateway(a, Config([PLAN.a_wan], figure1.RULES_A, interfaces=[INTERFACE]))
    second = lab.gateway(b, Config([PLAN.b_wan], figure1.RULES_B, interfaces=[INTERFACE], shield="auto"))
    lab.start_gateways(first, second)

    ping = Ping(h1, PLAN.h2)
    lab.cross(ping, "a ping from h1 to h2")
    lab.say("a ping crosses: probe and response were taken from the interface of the VLAN")
    agreed = Selector(PLAN.near, PLAN.far)
    first.wait_selectors([agreed])
    second.wait_selectors([agreed.mirrored()])
    packets = middle.flush()
    lab.check(any(packet.kind is Kind.PROBE for packet in packets), "the probe crossed the cable")
    figure1.check_wire(lab, packets, PLAN.near, PLAN.far)
    modes = second.tedd.ask("status")["shield"]
    lab.check(modes == {INTERFACE: "generic"}, "a VLAN's interface has its shield in generic mode", str(modes))

    with raw.listener(h2, PLAN.h2, 500) as ear:
        run_program(["ip", "route", "replace", f"{PLAN.h2}/32", "via", "198.51.100.2"], namespace=a.namespace)
        raw.send(a, probe("203.0.113.9"), interface=f"wan.{OTHER}")
        lab.check(raw.receive(ear) is not None, "a probe that comes through the other VLAN travels on")
        run_program(["ip", "route", "del", f"{PLAN.h2}/32"], namespace=a.namespace)
    # Counters would have the checks of the tunnel's path as well.
    lab.check("203.0.113.9" not in second.tedd.log(), "and gwB hears nothing of it")

    def drops() -> bool:
        raw.send(a, *[probe("203.0.113.9")] * 4000, interface=INTERFACE)
        return second.tedd.counter("shield_dropped_source") > 0
    wait_for("the shield to drop some of a flood", drops, 10, lambda: str(second.tedd.ask("counters")))
    lab.say("of a flood through the VLAN the shield drops what is beyond the rate")
    lab.check(answered(ping, 3) == 3, "the tunnel carries as ever")

"""Three hosts on one link, each its own gateway, with one file."""
from __future__ import annotations

from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.selector import Selector
from lib.tedd import Config, Rule
from lib.traffic import Ping, Tcp

PROVES = "hosts with the same file protect what they say to each other, with a tunnel for each pair and no gateway beside them"
DATAPLANES = (Dataplane.KERNEL,)
LINK = "192.0.2.0/24"
RULES = [Rule("hosts", ["self"], [LINK], first_packet="hold")]


def address(number: int) -> str:
    return f"192.0.2.{number}"


def pair(one: int, other: int) -> Selector:
    return Selector(f"{address(one)}/32", f"{address(other)}/32")


def run(lab: Lab) -> None:
    network = lab.network()
    wire = network.host("wire")
    nodes = [network.host(f"n{number}").address("wan", f"{address(number)}/24") for number in (1, 2, 3)]
    for number, node in enumerate(nodes, 1):
        network.link(node, "wan", wire, f"port{number}")
    wire.commands += ["link add name cable type bridge mcast_snooping 0", *(f"link set port{number} master cable" for number in (1, 2, 3)), "link set cable up"]
    network.build()
    captures = [lab.capture(wire, f"port{number}", f"at-n{number}") for number in (1, 2, 3)]
    n1, n2, n3 = (lab.gateway(node, Config([address(number)], RULES)) for number, node in enumerate(nodes, 1))
    lab.start_gateways(n1, n2, n3)

    lab.check(Tcp(nodes[0], nodes[1], address(2), 443).attempt(8) is not None, "n1 and n2 talk, from the first packet on")
    n1.wait_selectors([pair(1, 2)])
    n2.wait_selectors([pair(2, 1)])
    lab.say("through a tunnel for exactly the two of them")
    lab.check(Ping(nodes[2], address(1)).attempt(8) is not None, "n3 finds n1")
    lab.check(Ping(nodes[1], address(3)).attempt(8) is not None, "n2 finds n3")
    n1.wait_selectors([pair(1, 2), pair(1, 3)])
    n2.wait_selectors([pair(2, 1), pair(2, 3)])
    n3.wait_selectors([pair(3, 1), pair(3, 2)])
    lab.say("each pair has a tunnel of its own")

    packets = [packet for capture in captures for packet in capture.flush()]
    lab.check(bool(encrypted(packets)), "ESP crossed the link")
    outside = (Kind.IKE, Kind.ESP, Kind.ESP_IN_UDP, Kind.PROBE, Kind.RESPONSE)
    clear = [packet for packet in in_the_clear(packets, LINK, LINK) if packet.kind not in outside]
    lab.check(not clear, "and beside IKE and TED nothing in the clear", "; ".join(map(str, clear[:5])))

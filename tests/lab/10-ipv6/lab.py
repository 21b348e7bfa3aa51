"""Figure 1 with IPv6 inside and outside."""
import ipaddress
import json
import struct
import time

from lib import figure1, raw
from lib.charon import Dataplane
from lib.checksum import internet_checksum
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import ICMPV6, Packet
from lib.process import run as run_program
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.traffic import Ping, Udp, answered
from lib.wireshark import check_dissection

PROVES = "the same discovery, agreement and tunnel with IPv6 hosts and IPv6 gateways; what a link of IPv6 lives by passes the guard"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "ipv6")


QUERY, REPORT = 130, 143                             # of Multicast Listener Discovery, RFC 3810
ROUTER_ALERT = bytes([ICMPV6, 0, 5, 2, 0, 0, 1, 0])  # a header of hop-by-hop options


def link_local(node: Node) -> str:
    listed = json.loads(run_program(["ip", "-j", "-6", "address", "show", "dev", "wan"], namespace=node.namespace).stdout)
    return next(str(found["local"]) for found in listed[0]["addr_info"] if found.get("scope") == "link")


def general_query(source: str) -> bytes:
    """Who listens to anything? To be answered within a millisecond."""
    near, far = ipaddress.IPv6Address(source).packed, ipaddress.IPv6Address("ff02::1").packed
    message = struct.pack(">BBHHH16xBBH", QUERY, 0, 0, 1, 0, 2, 125, 0)
    checksum = internet_checksum(near + far + struct.pack(">II", len(message), ICMPV6) + message)
    message = message[:2] + struct.pack(">H", checksum) + message[4:]
    return struct.pack(">IHBB", 6 << 28, len(ROUTER_ALERT + message), 0, 1) + near + far + ROUTER_ALERT + message


def link_layer(lab: Lab, figure: Figure1) -> None:
    """gwA's policy blocks all IPv6 that there is."""
    a, b = figure.a, figure.b.node
    a.tedd.write(Config([figure.plan.a_wan], [Rule("nothing", ["::/0"], ["::/0"], action="block")]))
    a.tedd.ctl("reload")
    run_program(["ip", "-6", "neigh", "flush", "dev", "wan"], namespace=b.namespace)
    lab.check(answered(Ping(b, figure.plan.a_wan), 2) == 0, "with a policy that blocks all IPv6 gwA answers no ping")
    neighbours = run_program(["ip", "-6", "neigh", "show", figure.plan.a_wan, "dev", "wan"], namespace=b.namespace).stdout
    lab.check("lladdr" in neighbours, "but says who it is to its neighbour", neighbours)
    its, since = link_local(a.node), time.time()
    raw.send(b, general_query(link_local(b)), interface="wan")

    def report(packet: Packet) -> bool:
        return packet.time > since and str(packet.source) == its and packet.protocol == ICMPV6 and packet.ports[0] == REPORT

    figure.middle.wait("gwA's report of what it listens to", report)
    lab.say("and to a multicast router what it listens to")


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A6, figure1.RULES_B6, figure1.IPV6)
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    crossing = lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    lab.check(crossing.lost >= 1, "the first packet was dropped, and a later one was answered")
    lab.check(answered(Udp(figure.h1, plan.h1, 40000, figure.h2, plan.h2, 7007), 3) == 3, "datagrams use the same tunnel at once")
    figure1.check_tunnel(lab, figure, figure.agreed)
    packets = figure.middle.flush()
    figure1.check_exchange(lab, packets, ICMPV6, (plan.h1, 128, plan.h2, 0), plan.a_wan, plan.b_wan, plan.far, plan.near)
    figure1.check_wire(lab, packets, plan.near, plan.far)
    check_dissection(lab, figure.middle, "version 3")
    link_layer(lab, figure)

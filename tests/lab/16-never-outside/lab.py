"""A standing tunnel, and what an operator's NAT or route would do to its traffic at the outside interface."""
import re

from lib import figure1, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Kind, Packet
from lib.process import run as run_program
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "neither address translation nor a route lets a tunnel's traffic out of the outside interface in the clear"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
STRAY = "10.1.0.77"      # of A's own network, and routed outside
NAT = "table ip operator\ndelete table ip operator\ntable ip operator {{ chain p {{ type nat hook postrouting priority 100; {exempt} oifname \"wan\" masquerade; }}; }}\n"


def dropped(figure: Figure1, comment: str) -> int:
    """Packets that the guard's lines of this comment have dropped."""
    lines = [line for line in nft.ruleset(figure.a.node, nft.GUARD).splitlines() if comment in line and " drop " in line]
    return sum(int(count) for line in lines for count in re.findall(r"counter packets (\d+)", line))


def to_the_far(figure: Figure1) -> list[Packet]:
    """Readable packets for the far network, whatever their source has become."""
    return [packet for packet in figure.middle.flush() if packet.kind is Kind.PLAIN and packet.between("0.0.0.0/0", figure.plan.far)]


def translated(lab: Lab, figure: Figure1) -> None:
    nft.load(figure.a.node, NAT.format(exempt=""))
    answered(Ping(figure.h1, figure.plan.h2), 3)
    if lab.dataplane is Dataplane.KERNEL:      # with its own ESP charon has the packet before it reaches the outside interface
        wait_for("the guard to drop what lost its tunnel", lambda: dropped(figure, "lost its tunnel") >= 3, 8)
    lab.check(not to_the_far(figure), "with masquerading on the outside interface not one packet of a ping crossed in the clear", str(to_the_far(figure)[:5]))
    nft.load(figure.a.node, NAT.format(exempt="rt ipsec exists accept;"))
    lab.check(answered(Ping(figure.h1, figure.plan.h2), 3) == 3, "with tunnels exempt from it pings are answered")


def routed_back(lab: Lab, figure: Figure1) -> None:
    run_program(["ip", "route", "add", STRAY, "via", figure.plan.b_wan], namespace=figure.a.node.namespace)
    before = dropped(figure, "came in the clear")
    answered(Ping(figure.h2, STRAY), 3)
    wait_for("the guard to drop what would go back outside", lambda: dropped(figure, "came in the clear") >= before + 3, 8)
    lab.say("a ping that comes out of gwA's tunnel for a host that is routed outside is dropped there")
    lab.check(answered(Ping(figure.h1, figure.plan.h2), 3) == 3, "and others are answered")


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    lab.cross(Ping(figure.h1, figure.plan.h2), "a ping from h1 to h2")
    figure1.check_tunnel(lab, figure, figure.agreed)
    translated(lab, figure)
    routed_back(lab, figure)
    clear = in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far)
    lab.check(not clear, "not one packet of the flow has crossed in the clear in all of this", "; ".join(map(str, clear[:5])))

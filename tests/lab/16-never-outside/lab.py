"""A standing tunnel, and what an operator's NAT or route would do to its traffic at the outside interface."""
import re

from lib import documented, figure1, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.flood import Sender
from lib.lab import Lab
from lib.packets import UDP, Kind, Packet
from lib.process import run as run_program
from lib.traffic import Ping, Udp, answered
from lib.wait import wait_for

PROVES = "neither address translation nor a route lets a tunnel's traffic out of the outside interface in the clear"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
STRAY = "10.1.0.77"      # of A's own network, and routed outside
TELLS = "rt ipsec exists accept"      # the lines of a page that this lab runs
NAT = "table ip operator\ndelete table ip operator\ntable ip operator {{ chain p {{ type nat hook postrouting priority 100; {exempt} oifname \"wan\" masquerade; }}; }}\n"
NONE_CLEAR = "not one packet of the flow has crossed in the clear in all of this"


FLOW = 9000
GAPS = 5


def dropped(figure: Figure1, comment: str, table: str = nft.GUARD) -> int:
    """Packets that lines of this comment have dropped."""
    lines = [line for line in nft.ruleset(figure.a.node, table).splitlines() if comment in line and " drop " in line]
    return sum(int(count) for line in lines for count in re.findall(r"counter packets (\d+)", line))


def to_the_far(figure: Figure1) -> list[Packet]:
    """Readable packets for the far network, whatever their source has become."""
    return [packet for packet in figure.middle.flush() if packet.kind is Kind.PLAIN and packet.between("0.0.0.0/0", figure.plan.far)]


def to_port(figure: Figure1, port: int) -> list[Packet]:
    return [packet for packet in figure.middle.flush() if packet.kind is Kind.PLAIN and packet.protocol == UDP and packet.ports[1] == port]


def without_guard(lab: Lab, figure: Figure1) -> None:
    """The same while others take the guard away: what is left is the net behind it."""
    tedd, plan = figure.a.tedd, figure.plan
    sender = Sender(figure.h1, plan.h1, plan.h2, FLOW, 2, 0.0002)
    sender.start()
    for _ in range(GAPS):
        count, before = tedd.counter("guard_restored"), sender.sent
        run_program(["nft", "delete", "table", "inet", "opented"], namespace=figure.a.node.namespace)
        wait_for("the guard to be put back", lambda count=count: tedd.counter("guard_restored") > count, 8)
        wait_for("more of the flow to be sent", lambda before=before: sender.sent > before + 200, 8)
    sender.end()
    lab.check(not to_the_far(figure), f"nor did one of a flow without end while the guard was deleted {GAPS} times", str(to_the_far(figure)[:5]))
    if lab.dataplane is Dataplane.KERNEL:
        wait_for("the net to have caught what lost its tunnel then", lambda: dropped(figure, "lost its tunnel", nft.SAFETY_NET) > 0, 1)


def translated(lab: Lab, figure: Figure1) -> None:
    nft.load(figure.a.node, NAT.format(exempt=""))
    answered(Ping(figure.h1, figure.plan.h2), 3)
    if lab.dataplane is Dataplane.KERNEL:      # with its own ESP charon has the packet before it reaches the outside interface
        wait_for("the guard to drop what lost its tunnel", lambda: dropped(figure, "lost its tunnel") >= 3, 8)
    lab.check(not to_the_far(figure), "with masquerading on the outside interface not one packet of a ping crossed in the clear", str(to_the_far(figure)[:5]))
    without_guard(lab, figure)
    nft.load(figure.a.node, NAT.format(exempt="rt ipsec exists accept;"))
    lab.check(answered(Ping(figure.h1, figure.plan.h2), 3) == 3, "with tunnels exempt from it pings are answered")


def routed_back(lab: Lab, figure: Figure1) -> None:
    run_program(["ip", "route", "add", STRAY, "via", figure.plan.b_wan], namespace=figure.a.node.namespace)
    before = dropped(figure, "came in the clear")
    answered(Ping(figure.h2, STRAY), 3)
    wait_for("the guard to drop what would go back outside", lambda: dropped(figure, "came in the clear") >= before + 3, 8)
    lab.say("a ping that comes out of gwA's tunnel for a host that is routed outside is dropped there")
    lab.check(answered(Ping(figure.h1, figure.plan.h2), 3) == 3, "and others are answered")


def from_the_start(lab: Lab, page: str) -> Figure1:
    """gwA translates as the page says before there is any tunnel."""
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, name=page.removesuffix(".md"))
    told = documented.renamed(documented.block(page, "nft", TELLS), {"wan0": "wan"})
    nft.load(figure.a.node, told if told.startswith("table") else f"table ip nat {{\n{told}}}\n")
    lab.start_gateways(figure.a, figure.b)
    lab.cross(Ping(figure.h1, figure.plan.h2), f"a ping from h1 to h2 with what {page} says of translation")
    figure.a.wait_selectors([figure.agreed])
    lab.check(answered(Ping(figure.h1, figure.plan.h2), 3) == 3, f"with the lines of {page} a tunnel comes up beside masquerading, and carries")
    clear = to_the_far(figure)
    lab.check(not clear, "and nothing goes to the far network in the clear", str(clear[:5]))
    outside = Udp(figure.h1, figure.plan.h1, 40000, figure.b.node, figure.plan.b_wan, 7007)
    reached = answered(outside, 3)
    sources = [str(packet.source) for packet in to_port(figure, 7007)]
    lab.check(reached == 3 and sources == [figure.plan.a_wan] * 3, "what is for no tunnel is translated", f"{reached} answered, {sources}")
    nft.load(figure.a.node, "delete table ip nat\n")
    return figure


def check_wire(lab: Lab, figure: Figure1, before: int) -> None:
    """Of what the capture has behind the first `before` packets."""
    clear = in_the_clear(figure.middle.flush()[before:], figure.plan.near, figure.plan.far)
    lab.check(not clear, NONE_CLEAR, "; ".join(map(str, clear[:5])))


def run(lab: Lab) -> None:
    first = from_the_start(lab, "running.md")
    for gateway in (first.a, first.b):
        gateway.tedd.stop()
    figure = from_the_start(lab, "firewall.md")
    figure1.check_tunnel(lab, figure, figure.agreed)
    translated(lab, figure)
    routed_back(lab, figure)
    check_wire(lab, figure, 0)
    nft.load(figure.a.node, "delete table ip operator\n")       # what is translated is none of the flow's packets any more
    figure.a.lose_guard()
    before = len(figure.middle.flush())

    def again() -> None:
        answered(Ping(figure.h2, STRAY), 3)
        check_wire(lab, figure, before)
    lab.fails("the guard of gwA", NONE_CLEAR, again)

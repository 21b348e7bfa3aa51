"""A gateway comes up behind a destination that is open in the clear."""
import time
from dataclasses import dataclass

from lib import figure1
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.tedd import Config, Rule
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "what on_failure = bypass opened closes when a gateway answers: nothing crosses in the clear from then on, by the wire, status, metric and event"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "ipv6")


@dataclass(frozen=True)
class Opened:
    """A rule that opens, the far end's counterpart, and the flow, in one family."""

    plan: figure1.Plan
    here: tuple[str, str]
    there: tuple[str, str]
    flow: str


V4 = Opened(figure1.PLAIN, ("10.1.0.0/16", "10.0.0.0/8"), ("10.2.0.0/24", "10.1.0.0/24"), "icmp 10.1.0.10:8 > 10.2.0.10:0")
V6 = Opened(figure1.IPV6, ("2001:db8:1::/48", "2001:db8::/32"), ("2001:db8:2::/64", "2001:db8:1::/64"), "ipv6-icmp [2001:db8:1::10]:128 > [2001:db8:2::10]:0")


def closes(lab: Lab, family: str, case: Opened) -> None:
    """gwB begins to run tedd behind an opening of gwA's."""
    plan = case.plan
    rule = Rule("branches", [case.here[0]], [case.here[1]], on_failure="bypass")
    figure = figure1.build(lab, [rule], [Rule("office", [case.there[0]], [case.there[1]])], plan, f"closing-{family}")
    a, ping = figure.a.tedd, Ping(figure.h1, plan.h2)
    a.write(Config([plan.a_wan], [rule], metrics="127.0.0.1:9465"))

    def openings() -> tuple[int, float, str]:
        """By status, by the metric, and what why calls the flow."""
        return a.ask("status")["openings"], a.scrape()["opented_openings"], a.why(case.flow)["verdict"]

    lab.start_gateways(figure.a)
    lab.cross(ping, f"a ping in the clear, in {family}", 30)
    lab.check(openings() == (1, 1.0, "open"), f"{family}: a destination is open by status, metric and why", str(openings()))
    figure.b.charon.wait_ready()
    figure.b.tedd.start()

    def closed() -> bool:
        ping.attempt(0.05)
        return "TED-BYPASS-CLOSED" in a.log() and a.ask("status")["openings"] == 0

    wait_for("the opening to close", closed, 40, a.logs, every=0)
    since = time.time()
    lab.say(f"{family}: a gateway comes up behind it, the opening closes, and the log says so")
    lab.cross(ping, f"a ping through the tunnel, in {family}", 20)
    lab.check(answered(ping, 5) == 5, f"{family}: pings go on")
    lab.check(openings() == (0, 0.0, "protected"), f"{family}: nothing is open by status, metric and why", str(openings()))
    packets = figure.middle.flush()
    clear = in_the_clear(packets, plan.near, plan.far)
    after = [packet for packet in clear if packet.time > since]
    lab.check(bool(clear) and not after and len(encrypted(packets)) >= 10, f"{family}: not one packet crossed in the clear since it closed, {len(encrypted(packets))} did encrypted",
              "; ".join(map(str, after[:5])))
    for gateway in (figure.a, figure.b):
        gateway.tedd.stop()


def run(lab: Lab) -> None:
    closes(lab, "IPv4", V4)
    closes(lab, "IPv6", V6)

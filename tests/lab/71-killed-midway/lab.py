"""kill -9 of tedd at either end, between the probe and the CHILD_SA."""
import time
from dataclasses import dataclass

from lib import figure1
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.gateway import Gateway
from lib.lab import Lab
from lib.live import Live
from lib.packets import Kind, Packet
from lib.steady import Steady
from lib.wait import SLOWNESS, wait_for

PROVES = "tedd killed between probe and tunnel, at either end: traffic comes back, through one tunnel, and nothing stale is left"
DATAPLANES = (Dataplane.USERSPACE,)

OFFSETS = (0, 5, 20, 60, 150)       # ms behind the probe


def forget(figure: Figure1) -> None:
    for gateway, peer in ((figure.a, figure.plan.b_wan), (figure.b, figure.plan.a_wan)):
        gateway.tedd.ctl("forget", peer)


def halves(gateway: Gateway) -> set[tuple[str, str]]:
    return {(child.spi_in, child.spi_out) for child in gateway.charon.children()}


def is_whole(figure: Figure1) -> bool:
    """One tunnel, known to both ends, and to their tedds; nothing that is only wanted for bringing one up."""
    mine, theirs = halves(figure.a), halves(figure.b)
    return (len(mine) == 1 and mine == {(out, into) for into, out in theirs}
            and all(len(gateway.tedd.ask("tunnels")) == 1 for gateway in (figure.a, figure.b)))


@dataclass(frozen=True)
class Kill:
    probe_at: float         # wall clock, comparable with a capture's times
    at: float
    back: float             # seconds until a ping is answered, from when tedd is back

    def is_midway(self, packets: list[Packet]) -> bool:
        """It came before anything went through the tunnel."""
        return not any(self.probe_at < packet.time < self.at for packet in encrypted(packets))


def killed(figure: Figure1, victim: Gateway, offset: int, steady: Steady) -> Kill:
    assert figure.wire
    with Live(figure.wire, "left") as live:
        forget(figure)
        probe = live.next("a probe of gwA's", lambda packet: packet.kind is Kind.PROBE and str(packet.source) == figure.plan.h1, 10)
        time.sleep(offset / 1000 * SLOWNESS)         # when the fault comes, not a wait for anything
        at = time.time()
        victim.tedd.kill()
    victim.tedd.start()
    began = time.monotonic()
    answered = steady.back(f"tedd of {victim.node.name} killed {offset} ms after the probe", began, 20)
    wait_for("one whole tunnel", lambda: is_whole(figure), 30, victim.tedd.logs)
    return Kill(probe.time, at, answered - began)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, [figure1.Rule("office", ["10.2.0.0/24"], ["10.1.0.0/24"], discover=False)])
    lab.start_gateways(figure.a, figure.b)
    steady = Steady(figure.h1, figure.plan.h2)
    steady.start()
    try:
        steady.back("the first tunnel", 0, 8)
        before = {gateway.node.name: set(gateway.charon.connections()) for gateway in (figure.a, figure.b)}
        for victim in (figure.a, figure.b):
            kills = [killed(figure, victim, offset, steady) for offset in OFFSETS]
            longest = max(kill.back for kill in kills)
            packets = figure.middle.flush()
            midway = sum(kill.is_midway(packets) for kill in kills)
            lab.say(f"tedd of {victim.node.name} killed 0, 5, 20, 60 and 150 ms after its probe: traffic is back each time, after {longest * 1000:.0f} ms at most")
            lab.check(midway >= 2, f"{midway} times nothing had gone through the tunnel yet", str(kills))
        for gateway in (figure.a, figure.b):
            wait_for("the connections of before", lambda it=gateway: set(it.charon.connections()) == before[it.node.name], 10,
                     lambda it=gateway: str(it.charon.connections()))
        lab.say("with one tunnel, the same at both ends, and no connection left behind")
    finally:
        steady.end()
    clear = in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far)
    lab.check(not clear, "not one packet of the flow crossed in the clear in all of this", "; ".join(map(str, clear[:5])))

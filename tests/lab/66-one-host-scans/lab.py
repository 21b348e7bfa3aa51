"""One inside host scans: its neighbour, the control socket and the path outside hardly notice."""
import statistics
import sys
import time
from pathlib import Path

from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.process import Process
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.traffic import Ping, until_answered
from lib.wait import SLOWNESS, wait_for

PROVES = "a host that scans starves neither its neighbours nor the control socket, and brings few probes out"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "without")

H1, H2, H3 = "10.1.0.10", "10.2.0.10", "10.1.1.10"
A_WAN, B_WAN = "192.0.2.1", "192.0.2.2"
RATE = 8000
ROUNDS = 5
LATER = 0.8                 # seconds, of a first answer; without a bucket for each host it was two
FEW = "and fewer than a quarter as many probes leave for them"
AT_ONCE = 1.0               # seconds, for tedctl; when one turn worked all of it off it was three and a half


def build(lab: Lab) -> tuple[Node, Node, Gateway, Gateway]:
    network = lab.network()
    h1 = network.host("h1").address("eth0", f"{H1}/24").route("default", "10.1.0.1")
    h3 = network.host("h3").address("eth0", f"{H3}/24").route("default", "10.1.1.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("lan2", "10.1.1.1/24").address("wan", f"{A_WAN}/24").route("default", B_WAN)
    b = network.router("gwB").address("lan", "10.2.0.1/24").address("wan", f"{B_WAN}/24").route("default", A_WAN)
    h2 = network.host("h2").address("eth0", f"{H2}/24").route("default", "10.2.0.1")
    network.link(h1, "eth0", a, "lan")
    network.link(h3, "eth0", a, "lan2")
    network.link(b, "lan", h2, "eth0")
    network.link(a, "wan", b, "wan")
    network.build()
    return (h1, h3, lab.gateway(a, Config([A_WAN], [Rule("branches", ["10.1.0.0/16"], ["10.0.0.0/8"])])),
            lab.gateway(b, Config([B_WAN], [Rule("office", ["10.2.0.0/24"], ["10.1.0.0/16"])])))


class Neighbour:
    """How long its first answer takes, each time without a tunnel at first; in between, how long tedctl's takes."""

    def __init__(self, host: Node, gateway: Gateway) -> None:
        self._ping, self._gateway = Ping(host, H2), gateway
        self.asked: list[float] = []

    def first_answer(self) -> float:
        self._gateway.tedd.ctl("forget", B_WAN, check=False)    # the first time there is nobody
        self._gateway.tedd.wait_tunnels([], 20)
        crossing = until_answered(self._ping, "a ping of the neighbour", 20)
        began = time.monotonic()
        self._gateway.tedd.ctl("status")
        self.asked.append(time.monotonic() - began)
        return crossing.answered_at - crossing.sent_at

    def typically(self) -> float:
        return statistics.median(self.first_answer() for _ in range(ROUNDS))


def scanned(lab: Lab, h1: Node, h3: Node, a: Gateway, idle: float) -> None:
    """What a neighbour has of it, whose first answer took so long before."""
    before = a.tedd.ask("counters")
    scan = Process("scan", [sys.executable, str(Path(__file__).with_name("scan.py")), H1, str(RATE)], a.tedd.folder / "scan.log", h1.namespace)
    try:
        wait_for("the scan to be caught", lambda: a.tedd.counter("flows_caught") > before["flows_caught"] + 1000, 8)
        neighbour = Neighbour(h3, a)
        busy = neighbour.typically()
    finally:
        scan.stop()
    sent = int(scan.output().split()[-1])
    after = a.tedd.ask("counters")
    probes = after["probes_sent"] - before["probes_sent"]
    lab.check(probes < sent / 4, f"a host scans: {sent} destinations, {FEW}", str(probes))
    lab.check(busy < idle + LATER * SLOWNESS,
              f"and its neighbour's first answer takes {busy * 1000:.0f} ms, where it took {idle * 1000:.0f} before", f"{busy:.2f} s, {idle:.2f} before")
    slowest = max(neighbour.asked)
    lab.check(slowest < AT_ONCE * SLOWNESS, f"and tedctl status is answered meanwhile: {len(neighbour.asked)} times, each within {slowest * 1000:.0f} ms", f"{slowest:.2f} s")
    lab.check(after["flows_paced"] > before["flows_paced"], "and what was left out is counted")


def run(lab: Lab) -> None:
    h1, h3, a, b = build(lab)
    lab.start_gateways(a, b)
    idle = Neighbour(h3, a).typically()
    scanned(lab, h1, h3, a, idle)
    lab.fails_without("host-rates", FEW, lambda: scanned(lab, h1, h3, a, idle), a)

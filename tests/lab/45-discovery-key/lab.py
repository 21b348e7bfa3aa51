"""Discovery under a shared key: who proves nothing is neither asked nor believed, and each attack works where the key is left out."""
import ipaddress
import os
import time
from dataclasses import dataclass

from lib import figure1, raw, ted
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.gateway import Gateway
from lib.lab import Lab
from lib.packets import Kind
from lib.tedd import Config
from lib.topology import Node
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "a discovery key: forged answers, foreign askers, copies and old probes are refused, and are not without it"
DATAPLANES = (Dataplane.USERSPACE,)

KEY, OTHER = "one discovery key for all gateways", "a discovery key of somebody else"
TCP = 6


@dataclass
class Bench:
    """Figure 1 with a router between the gateways: there the attacker sits, and sees and sends what it likes."""

    lab: Lab
    figure: Figure1
    attacker: Node

    def start(self, *gateways: Gateway, keys: list[str] | None, require: bool | None = None) -> None:
        """Those gateways anew, with these keys; the others stand still."""
        plan = self.figure.plan
        for gateway in (self.figure.a, self.figure.b):
            gateway.tedd.stop()
            own, rules = (plan.a_wan, figure1.RULES_A) if gateway is self.figure.a else (plan.b_wan, figure1.RULES_B)
            gateway.tedd.write(Config([own], rules, discovery_keys=keys, require=require))
            if gateway in gateways:
                gateway.tedd.start()

    def probe(self, key: str | None, seconds_off: float = 0) -> bytes:
        """What gateway A would ask, made here."""
        plan = self.figure.plan
        summary = ted.Summary(TCP, ipaddress.ip_address(plan.h1), ipaddress.ip_address(plan.h2), 40000, 443)
        asked = ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(plan.transit_b),
                            capabilities=0 if key is None else ted.CAN_KEYED_HASH, summary=summary, padding=400)
        datagram = ted.encode(asked)
        return datagram if key is None else ted.seal(datagram, key, time.time() + seconds_off)

    def ask(self, datagram: bytes, seconds: float = 3) -> bytes | None:
        plan = self.figure.plan
        with raw.listener(self.attacker, plan.transit_b, 500) as sock:
            raw.send(self.attacker, raw.udp_packet(plan.h1, 40000, plan.h2, 500, datagram))
            got = raw.receive(sock, seconds)
        return got[0] if got else None

    def unanswered(self, what: str, datagram: bytes, counter: str) -> None:
        before = self.figure.b.tedd.counter(counter)
        answer = self.ask(datagram, 1)
        self.lab.check(answer is None and self.figure.b.tedd.counter(counter) == before + 1, f"{what} gets no answer, and {counter} counts it")


def forged(bench: Bench, probe: ted.Message) -> bytes:
    """An answer to that probe from the attacker, who claims the destination's network."""
    plan = bench.figure.plan
    proxy = ted.Proxy(0, ted.half_proxy(plan.far), ted.half_proxy(plan.near), 0, 0)
    message = ted.Message(ted.RESPONSE, probe.initiator_cookie, os.urandom(8), ipaddress.ip_address(plan.transit_a), capabilities=0, proxy=proxy)
    return raw.udp_packet(plan.transit_a, 500, plan.a_wan, 500, ted.encode(message))


def forge_one(bench: Bench) -> None:
    """A host of A's sends; the attacker sees the probe on its way and answers it."""
    figure = bench.figure
    seen = {packet.datagram for packet in figure.middle.flush() if packet.kind is Kind.PROBE}
    Ping(figure.h1, figure.plan.h2).attempt(0.05)
    probe = figure.middle.wait("a new probe", lambda packet: packet.kind is Kind.PROBE and packet.datagram not in seen)
    raw.send(bench.attacker, forged(bench, ted.decode(probe.datagram)))


def ike_with_attacker(bench: Bench) -> bool:
    plan = bench.figure.plan
    return any(packet.kind is Kind.IKE and str(packet.destination) == plan.transit_a for packet in bench.figure.middle.flush())


def without_key(bench: Bench) -> None:
    lab, figure = bench.lab, bench.figure
    bench.start(figure.b, keys=None)
    asked = bench.probe(None)
    lab.check(bench.ask(asked) is not None and bench.ask(asked) is not None, "without a key anybody is told what gwB protects, and a copy of a probe is answered again")
    bench.start(figure.a, keys=None)
    forge_one(bench)
    wait_for("IKE with the attacker", lambda: ike_with_attacker(bench), 8)
    lab.say("without a key gwA takes a forged answer, and starts IKE with the attacker")


def askers(bench: Bench) -> None:
    lab, figure = bench.lab, bench.figure
    bench.start(figure.b, keys=[KEY])
    asked = bench.probe(KEY)
    answer = bench.ask(asked)
    lab.check(answer is not None, "a probe with a keyed hash by gwB's key, made by other code, is answered")
    assert answer
    lab.check(ted.holds(answer, KEY) and not ted.holds(answer, OTHER), "and the answer has a keyed hash by the same key")
    lab.check(len(answer) <= len(asked), "and is no longer than the probe")
    bench.unanswered("a copy of that probe", asked, "probes_replayed")
    bench.unanswered("a probe by another key", bench.probe(OTHER), "proofs_wrong")
    bench.unanswered("a probe without a proof", bench.probe(None), "proofs_missing")
    bench.unanswered("a probe that was made 300 seconds ago", bench.probe(KEY, -300), "proofs_stale")
    log = figure.b.tedd.log()
    lab.check("made 300 seconds ago" in log or "made 301 seconds ago" in log, "and the log says by how much the clock is off", log[-2000:])


def answers(bench: Bench) -> None:
    lab, figure = bench.lab, bench.figure
    bench.start(figure.a, keys=[KEY])
    before = len([packet for packet in figure.middle.flush() if packet.kind is Kind.IKE])
    forge_one(bench)
    wait_for("the forged answer to be counted", lambda: figure.a.tedd.counter("responses_unproven") > 0, 8)
    lab.say("with the key the same forged answer is refused")
    wait_for("a hold-down that names it", lambda: figure.a.tedd.held_down("is not believed"), 8, every=0.2)
    lab.say("and tedctl pending says that it was not believed")
    lab.check(len([packet for packet in figure.middle.flush() if packet.kind is Kind.IKE]) == before, "and no IKE was started")


def change_of_keys(bench: Bench) -> None:
    lab, figure = bench.lab, bench.figure
    plan = figure.plan
    for step in ([KEY, OTHER], [OTHER, KEY], [OTHER]):
        for gateway, own, rules in ((figure.a, plan.a_wan, figure1.RULES_A), (figure.b, plan.b_wan, figure1.RULES_B)):
            gateway.tedd.write(Config([own], rules, discovery_keys=step))
            gateway.tedd.ctl("reload")
            found = figure.a.tedd.ask("trace", plan.h2, "--from", plan.h1)
            lab.check(found["answered"] and found["proof"] == "keyed hash", f"while keys change, {gateway.node.label} at {len(step)} of them: a trace is answered with a proof", str(found))


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, figure1.TRANSIT)
    for gateway in (figure.a, figure.b):
        gateway.charon.wait_ready()
    assert figure.router
    bench = Bench(lab, figure, figure.router)
    without_key(bench)
    askers(bench)
    answers(bench)
    bench.start(figure.a, figure.b, keys=[KEY])
    lab.cross(Ping(figure.h1, figure.plan.h2), "with the same key at both ends a ping")
    figure1.check_tunnel(lab, figure, figure.agreed)
    peers = figure.a.tedd.ask("peers")
    lab.check(peers[0]["proof"] == "keyed hash", "tedctl peers says how gwB proved itself", str(peers))
    change_of_keys(bench)

"""Who is told what: `disclose` and `askers` of a rule, asked by hand and read on the wire."""
import ipaddress
import os
import time
from dataclasses import dataclass, replace

from lib import raw, ted
from lib.capture import Capture
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.packets import Kind
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.traffic import Ping

PROVES = "a stranger is told all, the two hosts of its flow, or nothing, and only those are answered who may ask; who proves who it is is told all"
DATAPLANES = (Dataplane.USERSPACE,)

TCP = 6
GATEWAY, ASKER, OTHER_ASKER, HOST = "192.0.2.2", "192.0.2.1", "192.0.2.65", "10.1.0.10"
KEY = "one discovery key for all gateways"
NEAR = "10.1.0.0/16"
TOLD, NARROW, SECRET, FEW = "10.2.0", "10.4.0", "10.5.0", "10.6.0"
RULES = [
    Rule("told", [f"{TOLD}.0/24"], [NEAR], authenticated=False),
    Rule("narrow", [f"{NARROW}.0/24"], [NEAR], authenticated=False, disclose="flow"),
    Rule("secret", [f"{SECRET}.0/24"], [NEAR], authenticated=False, disclose="nothing"),
    Rule("few", [f"{FEW}.0/24"], [NEAR], authenticated=False, askers=["192.0.2.0/28"]),
]
OPEN = [replace(rule, disclose=None, askers=None) for rule in RULES]

FLOW_ONLY = 'disclose = "flow": a stranger is told the two hosts of its flow, and nothing in its answer names the network'
NOTHING = 'disclose = "nothing": a stranger gets no answer, probes_unproven counts it, and its probe travels on'
NOT_ASKED = "askers: a gateway that is not among them gets no answer, key or not, probes_not_asker counts it, and its probe travels on"


@dataclass
class Bench:
    lab: Lab
    prober: Node
    gateway: Gateway
    behind: Capture

    def probe(self, network: str, key: str | None, asker: str) -> bytes:
        """For a flow to the host of that network; a list may be told."""
        summary = ted.Summary(TCP, ipaddress.ip_address(HOST), ipaddress.ip_address(f"{network}.7"), 40000, 443)
        message = ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(asker), capabilities=1 | (ted.CAN_KEYED_HASH if key else 0), summary=summary, padding=600)
        datagram = ted.encode(message)
        return ted.seal(datagram, key, time.time()) if key else datagram

    def ask(self, network: str, key: str | None = None, asker: str = ASKER, seconds: float = 3) -> bytes | None:
        """The answer that comes to that gateway."""
        with raw.listener(self.prober, asker, 500) as sock:
            raw.send(self.prober, raw.udp_packet(HOST, 40000, f"{network}.7", 500, self.probe(network, key, asker)))
            got = raw.receive(sock, seconds)
        return got[0] if got else None

    def is_ignored(self, network: str, counter: str, key: str | None = None, asker: str = ASKER) -> bool:
        """Whether gwB does not answer it, counts it so, and sends it on."""
        tedd = self.gateway.tedd
        counted, passed = tedd.counter(counter), len(self._passed())
        answer = self.ask(network, key, asker, 1)
        return answer is None and tedd.counter(counter) == counted + 1 and len(self._passed()) == passed + 1

    def _passed(self) -> list[bytes]:
        return [packet.datagram for packet in self.behind.flush() if packet.kind is Kind.PROBE]


def whole(network: str) -> ted.Proxy:
    return ted.Proxy(0, ted.half_proxy(f"{network}.0/24"), ted.half_proxy(NEAR), 0, 0)


def hosts(network: str) -> ted.Proxy:
    return ted.Proxy(0, ted.half_proxy(f"{network}.7/32"), ted.half_proxy(f"{HOST}/32"), 0, 0)


def told(answer: bytes | None) -> ted.Proxy | None:
    return ted.decode(answer).proxy if answer else None


def strangers(bench: Bench) -> None:
    lab = bench.lab
    answer = bench.ask(TOLD)
    lab.check(told(answer) == whole(TOLD), "a rule without either: a stranger is told all of it", str(answer))
    part(bench)
    nothing(bench)
    lab.check(told(bench.ask(FEW)) == whole(FEW), "askers: a gateway among them is answered")
    not_asked(bench)


def part(bench: Bench) -> None:
    answer = bench.ask(NARROW)
    named = ipaddress.ip_address(f"{NARROW}.0").packed in (answer or b"")
    bench.lab.check(told(answer) == hosts(NARROW) and not named, FLOW_ONLY, str(answer and ted.decode(answer)))


def nothing(bench: Bench) -> None:
    bench.lab.check(bench.is_ignored(SECRET, "probes_unproven"), NOTHING)


def not_asked(bench: Bench) -> None:
    ignored = [bench.is_ignored(FEW, "probes_not_asker", key, OTHER_ASKER) for key in (None, KEY)]
    bench.lab.check(all(ignored), NOT_ASKED, str(ignored))


def known(bench: Bench) -> None:
    for network, rule in ((NARROW, "flow"), (SECRET, "nothing")):
        answer = bench.ask(network, KEY)
        bench.lab.check(answer is not None and told(answer) == whole(network) and ted.holds(answer, KEY), f'disclose = "{rule}": who has the key is told all, under the same key', str(answer))


def run(lab: Lab) -> None:
    made = lab.network()
    x = made.host("prober").address("wan", f"{ASKER}/24", f"{OTHER_ASKER}/24").route("default", GATEWAY)
    b = made.router("gwB").address("wan", f"{GATEWAY}/24").route("default", ASKER)
    far = made.host("far").route("default", f"{TOLD}.1")
    for network in (TOLD, NARROW, SECRET, FEW):
        b.address("lan", f"{network}.1/24")
        far.address("eth0", f"{network}.7/24")
    outside = made.tapped_link("wire1", x, "wan", b, "wan")
    inside = made.tapped_link("wire2", b, "lan", far, "eth0")
    made.build()
    before, behind = lab.capture(outside, "left", "before"), lab.capture(inside, "left", "behind")
    gateway = lab.gateway(b, Config([GATEWAY], RULES, discovery_keys=[KEY]))
    lab.start_gateways(gateway)
    bench = Bench(lab, x, gateway, behind)
    strangers(bench)
    known(bench)

    def half_shown(network: str) -> str | None:
        Ping(far, "10.1.0.99", source=f"{network}.7").attempt(0.05)
        seen = before.wait(f"gwB's probe for {network}", lambda packet: packet.kind is Kind.PROBE and str(packet.source) == f"{network}.7")
        half = ted.decode(seen.datagram).half_proxy
        return str(half) if half else None
    lab.check(half_shown(TOLD) == f"{TOLD}.0/24", "gwB's own probe for a rule that tells all shows its half proxy")
    lab.check(half_shown(NARROW) is None and half_shown(SECRET) is None, "and for one that does not it shows none")

    gateway.tedd.write(Config([GATEWAY], OPEN, discovery_keys=[KEY]))
    gateway.tedd.ctl("reload")
    for claim, attack in ((FLOW_ONLY, part), (NOTHING, nothing), (NOT_ASKED, not_asked)):
        lab.fails("disclose and askers", claim, lambda attack=attack: attack(bench))

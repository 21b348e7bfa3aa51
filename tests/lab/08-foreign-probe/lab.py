"""Datagrams made by hand, sent through a gateway that runs tedd: the right ones are answered, all others travel on untouched."""
import ipaddress
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from lib import netns, raw, shapes, ted
from lib.capture import Capture
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.packets import Kind, Packet
from lib.tedd import Config, Rule
from lib.topology import Node

PROVES = "hand-made probes get responses that decode to the right proxies; other shapes pass through byte for byte"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "without")
RULES = [
    Rule("web", ["10.2.0.0/24"], ["10.1.0.0/16"], protocol="tcp", local_port=443),
    Rule("all", ["10.4.0.0/24"], ["10.1.0.0/16"]),
    Rule("silent", ["10.5.0.0/24"], ["10.1.0.0/16"], respond=False),
    Rule("web6", ["2001:db8:2::/64"], ["2001:db8:1::/48"], protocol="tcp", local_port=443),
]
TCP, UDP, ICMP = 6, 17, 1
NEAR, NEAR6, GATEWAY, GATEWAY6 = "192.0.2.1", "2001:db8:ff::1", "192.0.2.2", "2001:db8:ff::2"
PADDING = 64
RESERVED = "a probe with a reserved byte in its last payload"
WEB = ted.Proxy(TCP, ted.half_proxy("10.2.0.0/24"), ted.half_proxy("10.1.0.0/16"), 443, 0)
WEB6 = ted.Proxy(TCP, ted.half_proxy("2001:db8:2::/64"), ted.half_proxy("2001:db8:1::/48"), 443, 0)
ALL = ted.Proxy(0, ted.half_proxy("10.4.0.0/24"), ted.half_proxy("10.1.0.0/16"), 0, 0)


Shape = Callable[[bytes], bytes]                     # what is done to a packet before it is sent


@dataclass
class Bench:
    """The place of the tests: a prober where another gateway would be, tedd's gateway, a host, and a capture on both sides."""

    lab: Lab
    prober: Node
    gateway: Gateway
    before: Capture
    behind: Capture
    far: Node

    def ask(self, message: ted.Message, port: int) -> tuple[bytes, bytes | None]:
        """Sends the probe under its summary's addresses; returns it and what came back to the prober's port 500."""
        assert message.summary
        datagram = ted.encode(message)
        source, destination = str(message.summary.source), str(message.summary.destination)
        return datagram, self.exchange(source, port, destination, datagram, str(message.gateway))

    def exchange(self, source: str, port: int, destination: str, datagram: bytes, listen: str, seconds: float = 3, shape: Shape = lambda packet: packet) -> bytes | None:
        with raw.listener(self.prober, listen, 500) as sock:
            raw.send(self.prober, shape(raw.udp_packet(source, port, destination, 500, datagram)))
            got = raw.receive(sock, seconds)
        if got is None:
            return None
        wanted = (GATEWAY6 if ":" in listen else GATEWAY, 500)
        if got[1:] != wanted:
            self.lab.check(False, f"the response comes from {wanted}", str(got[1:]))
        return got[0]

    def passes(self, what: str, source: str, destination: str, datagram: bytes, shape: Shape = lambda packet: packet) -> None:
        """Sends it and says that it left the gateway as it came, and that nothing came back."""
        source_port = 500
        raw.send(self.prober, shape(raw.udp_packet(source, source_port, destination, 500, datagram)))

        def ours(packet: Packet) -> bool:
            return packet.protocol == UDP and packet.datagram == datagram and str(packet.source) == source
        sent = self.before.wait(f"{what} on its way", ours)
        passed = self.behind.wait(f"{what} behind the gateway", ours)
        same = sent.untouched_part() == passed.untouched_part() and sent.ttl - 1 == passed.ttl
        self.lab.check(same, f"{what} passes through: the same bytes, TTL one less")

    def agrees(self, datagram: bytes) -> bool:
        """Whether tedctl decode reads the same in it as our own decoder."""
        return described(ted.decode(datagram), len(datagram)) == normal(self.gateway.tedd.ask("decode", datagram.hex()))


def network(text: str | None) -> str | None:
    return None if text is None else str(ipaddress.ip_network(text))


def described(message: ted.Message, length: int) -> dict[str, object]:
    """Our decoder's reading in the words of tedctl decode --json."""
    def ports(value: int) -> list[int]:
        return [value, value] if value else [0, 65535]

    summary, proxy = message.summary, message.proxy
    return {
        "kind": "probe" if message.exchange == ted.PROBE else "response",
        "form": "v3" if summary or proxy else "draft",
        "icookie": message.initiator_cookie.hex(), "rcookie": message.responder_cookie.hex(),
        "gateway": str(message.gateway), "half_proxy": str(message.half_proxy) if message.half_proxy else None,
        "summary": summary and {"ip_version": summary.source.version, "protocol": summary.protocol, "src": str(summary.source),
                                "dst": str(summary.destination), "sport": summary.source_port, "dport": summary.destination_port},
        "proxy": proxy and {"protocol": proxy.protocol or "any", "local": str(proxy.local), "remote": str(proxy.remote),
                            "local_port": ports(proxy.local_port), "remote_port": ports(proxy.remote_port)},
        "length": length,
    }


def normal(value: dict[str, object]) -> dict[str, object]:
    """tedctl's reading with masks as prefix lengths, and without what our decoder has no name for."""
    half = value.get("half_proxy")
    proxy = value.get("proxy")
    if isinstance(proxy, dict):
        proxy = {**proxy, "local": network(proxy["local"]), "remote": network(proxy["remote"])}
    return {**{key: found for key, found in value.items() if key not in ("capabilities", "vendor")}, "half_proxy": network(half if isinstance(half, str) else None),
            "proxy": proxy}


def build(lab: Lab) -> Bench:
    made = lab.network()
    x = made.host("prober").address("wan", f"{NEAR}/24", f"{NEAR6}/64").route("default", GATEWAY).route("default", GATEWAY6)
    b = made.router("gwB").address("wan", f"{GATEWAY}/24", f"{GATEWAY6}/64").route("default", NEAR).route("default", NEAR6)
    h = made.host("far").route("default", "10.2.0.1").route("default", "2001:db8:2::1")
    for subnet in ("10.2.0", "10.4.0", "10.5.0", "10.9.0"):
        b.address("lan", f"{subnet}.1/24")
        h.address("eth0", f"{subnet}.7/24")
    b.address("lan", "2001:db8:2::1/64")
    h.address("eth0", "2001:db8:2::7/64")
    outside = made.tapped_link("wire1", x, "wan", b, "wan")
    inside = made.tapped_link("wire2", b, "lan", h, "eth0")
    made.build()
    before, behind = lab.capture(outside, "left", "before"), lab.capture(inside, "left", "behind")
    gateway = lab.gateway(b, Config([GATEWAY, GATEWAY6], RULES))
    lab.start_gateways(gateway)
    return Bench(lab, x, gateway, before, behind, h)


def probe(protocol: int, source: str, source_port: int, destination: str, destination_port: int, gateway: str = NEAR) -> ted.Message:
    """A probe of ours for such a packet, padded so that the whole response fits."""
    first, second = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    summary = ted.Summary(protocol, first, second, source_port, destination_port)
    return ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(gateway), capabilities=0, summary=summary, padding=PADDING)


def answered(bench: Bench, what: str, message: ted.Message, port: int, proxy: ted.Proxy, responder: str = GATEWAY) -> ted.Message:
    """Says that the probe is answered with this proxy."""
    datagram, answer = bench.ask(message, port)
    bench.lab.check(answer is not None, f"{what} is answered")
    assert answer
    response = ted.decode(answer)
    bench.lab.check(response.initiator_cookie == message.initiator_cookie and response.exchange == ted.RESPONSE, "  with its cookie")
    bench.lab.check(str(response.gateway) == responder, "  by the gateway's address", str(response.gateway))
    bench.lab.check(response.proxy == proxy, "  and decodes to the right proxy", str(response.proxy))
    bench.lab.check(len(answer) <= len(datagram), "  and is no longer than the probe", f"{len(answer)} > {len(datagram)}")
    bench.lab.check(bench.agrees(datagram) and bench.agrees(answer), "  and tedctl decode reads both as we do")
    return response


def whole_and_short(bench: Bench) -> None:
    lab = bench.lab
    web = probe(TCP, "10.1.0.5", 40000, "10.2.0.7", 443)
    response = answered(bench, "a padded probe for TCP", web, 40000, WEB)
    lab.check(response.half_proxy == WEB.local and response.capabilities is not None, "  with vendor payload and half proxy")
    halved = replace(web, initiator_cookie=os.urandom(8), padding=0, half_proxy=ted.half_proxy("10.1.0.0/16"))
    response = answered(bench, "one without padding, with a half proxy", halved, 40000, WEB)
    lab.check(response.half_proxy is None and response.capabilities is not None, "  without half proxy, with vendor payload")
    bare = replace(web, initiator_cookie=os.urandom(8), padding=0)
    response = answered(bench, "one without padding and half proxy", bare, 40000, WEB)
    lab.check(response.half_proxy is None and response.capabilities is None, "  without either")
    barest = replace(web, initiator_cookie=os.urandom(8), padding=0, capabilities=None)
    datagram = ted.encode(barest)
    lab.check(bench.exchange("10.1.0.5", 40000, "10.2.0.7", datagram, NEAR, 0.5) is None, "one too short for any response gets none")
    answered(bench, "a padded probe for an ICMP echo", probe(ICMP, "10.1.0.6", 8, "10.4.0.7", 0), 500, ALL)
    answered(bench, "a padded probe for TCP in IPv6", probe(TCP, "2001:db8:1::5", 40000, "2001:db8:2::7", 443, NEAR6), 40000, WEB6, GATEWAY6)


def draft(bench: Bench) -> None:
    """The draft's form gives no packet summary to check a policy by: it is for a gateway further on that speaks it."""
    message = ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(NEAR), half_proxy=ted.half_proxy("10.1.0.0/24"), capabilities=0)
    datagram = ted.encode(message)
    bench.passes("a probe of the draft's form", "10.1.0.5", "10.4.0.7", datagram)
    bench.lab.check(bench.agrees(datagram), "  and tedctl decode reads it as we do")


def strangers(bench: Bench) -> None:
    good = probe(TCP, "10.1.0.5", 40001, "10.2.0.7", 443)
    payload = ted.encode(good)
    def mutated(at: int, value: bytes) -> bytes:
        return payload[:at] + value + payload[at + len(value):]
    bench.passes("version 0x20 with exchange type 240", "10.1.0.5", "10.2.0.7", mutated(17, b"\x20"))
    bench.passes("exchange type 240 with garbage behind the header", "10.1.0.5", "10.2.0.7", payload[:28] + os.urandom(len(payload) - 28))
    bench.passes("a probe cut off in its last payload", "10.1.0.5", "10.2.0.7", payload[:-7])
    bench.passes("a probe cut off in its header", "10.1.0.5", "10.2.0.7", payload[:20])
    bench.passes("a probe with bytes behind its end", "10.1.0.5", "10.2.0.7", payload + b"\0\0\0\0")
    bench.passes("an IKE_SA_INIT for the host", "10.1.0.5", "10.2.0.7", mutated(17, b"\x20\x22"))
    other = replace(good, initiator_cookie=os.urandom(8))
    assert other.summary
    outside = replace(other, summary=replace(other.summary, destination=ipaddress.ip_address("10.9.0.7")))
    bench.passes("a probe for an address that is not protected", "10.1.0.5", "10.9.0.7", ted.encode(outside))
    port80 = replace(other, initiator_cookie=os.urandom(8), summary=replace(other.summary, destination_port=80))
    bench.passes("a probe for a port that is not protected", "10.1.0.5", "10.2.0.7", ted.encode(port80))
    silent = replace(other, initiator_cookie=os.urandom(8), summary=replace(other.summary, destination=ipaddress.ip_address("10.5.0.7")))
    bench.passes("a probe for a line that does not respond", "10.1.0.5", "10.5.0.7", ted.encode(silent))
    stranger = replace(other, initiator_cookie=os.urandom(8), summary=replace(other.summary, source=ipaddress.ip_address("203.0.113.9")))
    bench.passes("a probe of a source that no line covers", "203.0.113.9", "10.2.0.7", ted.encode(stranger))


def reserved(bench: Bench) -> None:
    """All that is asked stands in front of the fault."""
    payload = ted.encode(probe(TCP, "10.1.0.5", 40001, "10.2.0.7", 443))
    at = len(payload) - PADDING + 1
    bench.passes(RESERVED, "10.1.0.5", "10.2.0.7", payload[:at] + b"\1" + payload[at + 1:])


def in_other_shapes(bench: Bench) -> None:
    """Options and extension headers are read past; a probe that nobody here answers travels on with them."""
    cases: list[tuple[str, str, str, str, str, Shape]] = []
    for name, options in shapes.OPTIONS.items():
        cases.append((f"IPv4 with {name}", NEAR, GATEWAY, "10.1.0.5", "10.2.0.7", partial(shapes.with_options, options=options)))
    for name, kinds in shapes.EXTENSIONS.items():
        cases.append((f"IPv6 with {name}", NEAR6, GATEWAY6, "2001:db8:1::5", "2001:db8:2::7", partial(shapes.with_extensions, kinds=kinds)))
    for name, near, gateway, source, destination, shape in cases:
        good = probe(TCP, source, 40000, destination, 443, near)
        answer = bench.exchange(source, 40000, destination, ted.encode(good), near, shape=shape)
        bench.lab.check(answer is not None and ted.decode(answer).initiator_cookie == good.initiator_cookie and str(ted.decode(answer).gateway) == gateway,
                        f"a probe in {name} is answered")
        bench.passes(f"one in {name} for a port that is not protected", source, destination, ted.encode(probe(TCP, source, 40000, destination, 80, near)), shape)


def fragments(bench: Bench) -> None:
    """Protocol: never sent, and not taken off the wire."""
    before = bench.gateway.tedd.counter("probes_received")
    datagram = ted.encode(probe(TCP, "10.1.0.5", 40000, "10.2.0.7", 443))
    with raw.listener(bench.prober, NEAR, 500) as sock, netns.open_socket(bench.far.namespace, socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("10.2.0.7", 500))
        raw.send(bench.prober, *shapes.in_fragments(raw.udp_packet("10.1.0.5", 500, "10.2.0.7", 500, datagram), 64))
        got = raw.receive(ear)
        bench.lab.check(got is not None and got[0] == datagram, "a probe in fragments reaches the host that it names, whole")
        bench.lab.check(raw.receive(sock, 0.5) is None and bench.gateway.tedd.counter("probes_received") == before, "  and tedd never saw it")


def run(lab: Lab) -> None:
    bench = build(lab)
    assert bench.gateway.tedd.process
    pid = bench.gateway.tedd.process.pid
    whole_and_short(bench)
    draft(bench)
    in_other_shapes(bench)
    fragments(bench)
    number = len([packet for packet in bench.before.flush() if packet.kind is Kind.RESPONSE])
    strangers(bench)
    reserved(bench)
    still = len([packet for packet in bench.before.flush() if packet.kind is Kind.RESPONSE])
    lab.check(number == still, "none of these was answered", f"{still - number} responses")
    answered(bench, "after all of it, a probe for TCP", probe(TCP, "10.1.0.5", 40002, "10.2.0.7", 443), 40002, WEB)
    lab.check(bench.gateway.tedd.running() and bench.gateway.tedd.process.pid == pid, "by the same tedd")
    lab.fails_without("whole-datagrams", f"{RESERVED} behind the gateway", lambda: reserved(bench), bench.gateway)

"""An attacker's kit without any key: between the gateways, beside them, inside, and at the control socket. Each does what it can, and a neighbour's flow works on."""
import ipaddress
import os
import random
import socket
import sys

from lib import figure1, raw, ted
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Kind, Packet
from lib.process import Process
from lib.tedd import Config
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "guessed and replayed answers, victims' addresses, damaged datagrams, scans and control requests get nowhere, and cost nobody else his tunnel"
DATAPLANES = (Dataplane.USERSPACE,)

UDP = 17
VICTIM = "203.0.113.9"
READERS = "nogroup"


def counters(figure: Figure1, *names: str) -> int:
    """At gateway A, added up."""
    found = figure.a.tedd.ask("counters")
    return sum(int(found[name]) for name in names)


def response(figure: Figure1, cookie: bytes) -> bytes:
    """The attacker claims the far network, as an answer to the probe with that cookie."""
    plan = figure.plan
    proxy = ted.Proxy(0, ted.half_proxy(plan.far), ted.half_proxy(plan.near), 0, 0)
    message = ted.Message(ted.RESPONSE, cookie, os.urandom(8), ipaddress.ip_address(plan.transit_a), capabilities=0, proxy=proxy)
    return raw.udp_packet(plan.transit_a, 500, plan.a_wan, 500, ted.encode(message))


def ike_with_attacker(figure: Figure1) -> int:
    return len([packet for packet in figure.middle.flush() if packet.kind is Kind.IKE and str(packet.destination) == figure.plan.transit_a])


def answers(lab: Lab, figure: Figure1) -> None:
    """gwB is not there: only the attacker answers. With the cookie it would succeed, as lab 45 shows; it has to guess, or to repeat."""
    assert figure.router
    old = next(packet.datagram for packet in figure.middle.flush() if packet.kind is Kind.RESPONSE)
    figure.b.tedd.stop()
    figure.a.tedd.ctl("forget", figure.plan.b_wan)
    before = counters(figure, "responses_unknown_cookie")
    Ping(figure.h1, figure.plan.h2).attempt(0.05)
    raw.send(figure.router, *(response(figure, os.urandom(8)) for _ in range(500)))
    raw.send(figure.router, raw.udp_packet(figure.plan.b_wan, 500, figure.plan.a_wan, 500, old))
    wait_for("the guesses to be counted", lambda: counters(figure, "responses_unknown_cookie") >= before + 501, 8)
    lab.check(ike_with_attacker(figure) == 0, "500 answers with guessed cookies, and a true answer of before, start no IKE")
    figure.b.tedd.start()


def probe(figure: Figure1, gateway: str) -> ted.Message:
    plan = figure.plan
    summary = ted.Summary(UDP, ipaddress.ip_address(plan.h1), ipaddress.ip_address(plan.h2), 40000, 53)
    return ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(gateway), capabilities=1, summary=summary, padding=300)


def send_probes(figure: Figure1, *messages: ted.Message) -> int:
    """Towards gwB; how many bytes that were, without headers."""
    assert figure.router
    plan = figure.plan
    datagrams = [ted.encode(message) for message in messages]
    raw.send(figure.router, *(raw.udp_packet(plan.h1, 40000, plan.h2, 500, datagram) for datagram in datagrams))
    return sum(map(len, datagrams))


def to(figure: Figure1, address: str) -> list[Packet]:
    assert figure.beyond
    return [packet for packet in figure.beyond.flush() if packet.kind is Kind.RESPONSE and str(packet.destination) == address]


def victims(lab: Lab, figure: Figure1) -> None:
    plan = figure.plan
    broadcasts = [str(ipaddress.ip_network(network, strict=False).broadcast_address) for network in (f"{plan.b_wan}/{plan.wan_bits}", plan.far)]
    impossible = ["224.0.0.1", "255.255.255.255", "127.0.0.1", "0.0.0.0", "0.1.2.3", "240.0.0.1", "169.254.1.1", plan.b_lan, *broadcasts]
    answered = figure.b.tedd.counter("probes_answered")
    before = figure.b.tedd.counter("probes_bad_gateway")
    send_probes(figure, *(probe(figure, address) for address in impossible))
    wait_for("them to be counted", lambda: figure.b.tedd.counter("probes_bad_gateway") == before + len(impossible), 8)
    lab.check(not any(to(figure, address) for address in impossible) and figure.b.tedd.counter("probes_answered") == answered,
              "no answer goes to an address that is multicast, broadcast, reserved, of one link or gwB's own, and none counts as answered")
    asked = send_probes(figure, *(probe(figure, VICTIM) for _ in range(3000)))
    wait_for("the rate to be limited", lambda: figure.b.tedd.counter("rate_limited") > 0, 8)
    got = to(figure, VICTIM)
    told = sum(len(packet.datagram) for packet in got)
    lab.check(0 < len(got) < 2000 and told < asked, "3,000 probes that name a victim bring it fewer than 2,000 answers, shorter than they were", f"{len(got)} answers, {told} of {asked} bytes")


def damaged(lab: Lab, figure: Figure1) -> None:
    assert figure.router
    plan = figure.plan
    chance = random.Random(4711)
    whole = [ted.encode(probe(figure, plan.transit_b)), ted.encode(ted.Message(ted.RESPONSE, os.urandom(8), os.urandom(8), ipaddress.ip_address(plan.transit_a), capabilities=0,
             proxy=ted.Proxy(0, ted.half_proxy(plan.far), ted.half_proxy(plan.near), 0, 0)))]

    def spoilt(good: bytes) -> bytes:
        bad = bytearray(good[:chance.randrange(1, len(good) + 1)])
        for _ in range(chance.randrange(1, 6)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        return bytes(bad)
    raw.send(figure.router, *(raw.udp_packet(plan.h1, 40000, plan.h2, 500, spoilt(whole[0])) for _ in range(2000)))
    raw.send(figure.router, *(raw.udp_packet(plan.transit_a, 500, plan.a_wan, 500, spoilt(whole[1])) for _ in range(2000)))
    malformed = wait_for("damaged ones to be counted", lambda: figure.b.tedd.counter("probes_malformed") > 100 and counters(figure, "responses_malformed") > 100, 8)
    lab.check(bool(malformed) and figure.a.tedd.running() and figure.b.tedd.running(), "4,000 damaged datagrams are counted and passed on or dropped, and both go on")


def scan(lab: Lab, figure: Figure1) -> None:
    """A host behind gwA that asks for 20,000 destinations; its neighbour has another address."""
    plan = figure.plan
    figure.a.tedd.ctl("forget", plan.b_wan)
    figure.a.tedd.wait_tunnels([])
    first = int(ipaddress.ip_address("10.128.0.0"))
    raw.send_each(figure.h1, *(raw.udp_packet(plan.h1, 40000, str(ipaddress.ip_address(first + i * 7)), 53, b"scan") for i in range(20_000)))
    wait_for("it to be caught", lambda: counters(figure, "flows_caught") > 200, 8)  # of a host that is busy the guard reports few
    lab.cross(Ping(figure.h1, plan.h2), "a ping while the same host scans")
    pending = len(figure.a.tedd.ask("pending"))
    lab.check(pending < 4_000, "a host that scans 20,000 addresses fills no table, and a ping of its own finds a tunnel meanwhile", str(pending))


SILENT = """
import contextlib, signal, socket, sys
clients = []
for i in range(64):
    clients.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    clients[-1].connect(sys.argv[1])
    with contextlib.suppress(OSError):
        clients[-1].send(b'{"command":' if i % 2 else b"")
signal.pause()
"""


def reader(lab: Lab, figure: Figure1) -> None:
    """A member of `readers` connects 64 times, and says nothing, or half of something."""
    tedd = figure.a.tedd
    for folder in (lab.folder, tedd.folder):
        folder.chmod(0o711)
    silent = Process("reader", ["setpriv", "--reuid", "nobody", "--regid", READERS, "--clear-groups", sys.executable, "-c", SILENT, str(tedd.folder / "tedd.sock")], tedd.folder / "reader.log")
    try:
        wait_for("a client to be refused", lambda: tedd.counter("clients_refused") > 0, 8)
        lab.check(tedd.ask("status") is not None and "TED-CONTROL" in tedd.log(), "64 silent clients of a reader do not keep root from its answer, and are told of")
        wait_for("those that found a place to be ended", lambda: tedd.counter("clients_unfinished") >= 16, 20)
    finally:
        silent.stop()


def control(lab: Lab, figure: Figure1) -> None:
    clients = []
    for i in range(200):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(0.2)
        try:
            client.connect(str(figure.a.tedd.folder / "tedd.sock"))
            client.send([b"x" * 60_000, b"{\"command\":", b"[" * 30_000 + b"\n", b"\n" * 1000][i % 4])
        except OSError:
            pass
        clients.append(client)
    lab.check(figure.a.tedd.ask("status") is not None, "200 clients that send nonsense, or never end their line, do not keep tedctl from its answer")
    for client in clients:
        client.close()


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, figure1.TRANSIT)
    figure.a.tedd.write(Config([figure.plan.a_wan], figure1.RULES_A, readers=READERS))
    lab.start_gateways(figure.a, figure.b)
    ping = Ping(figure.h1, figure.plan.h2)
    lab.cross(ping, "a ping before")
    pids = [gateway.tedd.process.pid for gateway in (figure.a, figure.b) if gateway.tedd.process]
    answers(lab, figure)
    lab.cross(ping, "a ping after forged answers")
    victims(lab, figure)
    damaged(lab, figure)
    scan(lab, figure)
    reader(lab, figure)
    control(lab, figure)
    lab.cross(ping, "a ping after all of it")
    assert figure.a.tedd.process
    lab.check(figure.a.tedd.process.pid == pids[0], "gwA is the tedd that it was")
    plan = figure.plan
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)

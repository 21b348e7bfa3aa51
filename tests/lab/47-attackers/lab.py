"""An attacker's kit without any key: between the gateways, beside them, inside, and at the control socket. Each does what it can, and a neighbour's flow works on.

Each attack is made once more on a gateway without what stops it, where the same check fails.
"""
import contextlib
import ipaddress
import os
import socket
import time

from lib import attackers, figure1, raw, ted
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Kind, Packet
from lib.tedd import Config
from lib.traffic import Ping
from lib.wait import SLOWNESS, wait_for

PROVES = "guessed and replayed answers, victims' addresses, damaged datagrams, scans and control requests get nowhere, and cost nobody else his tunnel"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "without")

VICTIM, SHORT_VICTIM = "203.0.113.9", "203.0.113.10"
READERS = "nogroup"
PUSHING, AT_ONCE = 4, 2.0    # programs; seconds

GUESSED = "500 answers with guessed cookies start no IKE"
REPLAYED = "nor does a true answer of before"
UNUSABLE = "no answer goes to an address that is multicast, broadcast, reserved, of one link or gwB's own, and none counts as answered"
FLOODED = "3,000 probes that name a victim bring it fewer than 2,000 answers, shorter than they were"
AMPLIFIED = "nor does a probe without padding bring it anything longer"
DAMAGED = "of 4,000 damaged datagrams none is answered or believed that the labs' own reader refuses"
SCANNED = "a host that scans 20,000 addresses fills no table"
LOCKED_OUT = "64 silent clients of a reader do not keep root from its answer"
UNFINISHED = "those that found a place are ended"
CROWDED = "4 programs of a reader that connect without end do not keep root from its answer"
ENDLESS = "a client that never ends its line is ended"


def ike_with_attacker(figure: Figure1) -> int:
    return len([packet for packet in figure.middle.flush() if packet.kind is Kind.IKE and str(packet.destination) == figure.plan.transit_a])


def accepted(figure: Figure1, datagrams: list[bytes], source: str) -> bool:
    """Whether gwA, whose probes nobody else answers, believes one of them, or starts IKE with the attacker."""
    tedd = figure.a.tedd
    tedd.ctl("forget", figure.plan.b_wan, check=False)
    before, seen = tedd.ask("counters"), ike_with_attacker(figure)
    Ping(figure.h1, figure.plan.h2).attempt(0.05)
    attackers.send_responses(figure, datagrams, source)
    wait_for("the answers to come", lambda: tedd.counter("responses_received") >= before["responses_received"] + len(datagrams), 8)
    return ike_with_attacker(figure) > seen or tedd.counter("responses_accepted") > before["responses_accepted"]


def guesses(lab: Lab, figure: Figure1) -> None:
    datagrams = [ted.encode(attackers.response(figure, os.urandom(8))) for _ in range(500)]
    lab.check(not accepted(figure, datagrams, figure.plan.transit_a), GUESSED)


def replay(lab: Lab, figure: Figure1, old: bytes) -> None:
    lab.check(not accepted(figure, [old], figure.plan.b_wan), REPLAYED)


def heard(figure: Figure1, datagrams: list[bytes], at_least: int) -> list[Packet]:
    """What gwB answers to them, when so many of them have been taken off the wire."""
    assert figure.beyond
    before, seen = figure.b.tedd.counter("probes_received"), len(figure.beyond.flush())
    attackers.send_probes(figure, datagrams)
    wait_for("gwB to hear them", lambda: figure.b.tedd.counter("probes_received") >= before + at_least, 8, figure.b.tedd.logs)
    return [packet for packet in figure.beyond.flush()[seen:] if packet.kind is Kind.RESPONSE]


def unusable(lab: Lab, figure: Figure1) -> None:
    plan = figure.plan
    broadcasts = [str(ipaddress.ip_network(network, strict=False).broadcast_address) for network in (f"{plan.b_wan}/{plan.wan_bits}", plan.far)]
    addresses = ["224.0.0.1", "255.255.255.255", "127.0.0.1", "0.0.0.0", "0.1.2.3", "240.0.0.1", "169.254.1.1", plan.b_lan, *broadcasts]
    before = figure.b.tedd.ask("counters")
    got = heard(figure, [ted.encode(attackers.probe(figure, address)) for address in addresses], len(addresses))
    after = figure.b.tedd.ask("counters")
    bad = after["probes_bad_gateway"] - before["probes_bad_gateway"]
    lab.check(not got and after["probes_answered"] == before["probes_answered"] and bad == len(addresses), UNUSABLE, f"{len(got)} answers, {bad} refused")


def flood(lab: Lab, figure: Figure1) -> None:
    datagrams = [ted.encode(attackers.probe(figure, VICTIM)) for _ in range(3000)]
    before = figure.b.tedd.counter("probes_answered")
    got = heard(figure, datagrams, 2500)                    # not all of them: a capture has no room for so many at once
    answers, longest = figure.b.tedd.counter("probes_answered") - before, max(len(packet.datagram) for packet in got)
    lab.check(0 < answers < 2000 and longest < len(datagrams[0]), FLOODED, f"{answers} answers of {longest} bytes at most")


def amplify(lab: Lab, figure: Figure1) -> None:
    datagrams = [ted.encode(attackers.probe(figure, SHORT_VICTIM, padding=0)) for _ in range(20)]
    got = heard(figure, datagrams, len(datagrams))
    longest = max((len(packet.datagram) for packet in got), default=0)
    lab.check(longest <= len(datagrams[0]), AMPLIFIED, f"{longest} bytes for {len(datagrams[0])}")


def damaged(lab: Lab, figure: Figure1) -> None:
    """Of each cookie that an answer has it is known what was asked."""
    a, b = figure.a.tedd, figure.b.tedd
    before, seen = a.ask("counters"), ike_with_attacker(figure)
    probes = attackers.spoilt([ted.encode(attackers.probe(figure, VICTIM)) for _ in range(2000)])
    attackers.send_responses(figure, attackers.spoilt([ted.encode(attackers.response(figure, os.urandom(8))) for _ in range(2000)]), figure.plan.transit_a)
    bad = {datagram[:8] for datagram in probes if attackers.is_refused(datagram)} - {datagram[:8] for datagram in probes if not attackers.is_refused(datagram)}
    answered = [packet for packet in heard(figure, probes, 500) if packet.datagram[:8] in bad]
    malformed = wait_for("damaged answers to come", lambda: a.counter("responses_received") > before["responses_received"] + 500, 8)
    believed = ike_with_attacker(figure) - seen
    lab.check(bool(malformed) and not answered and not believed and a.running() and b.running(), DAMAGED, f"{len(answered)} answered, {believed} believed")


def scan(lab: Lab, figure: Figure1) -> None:
    """A host behind gwA that asks for 20,000 destinations."""
    plan = figure.plan
    figure.a.tedd.ctl("forget", plan.b_wan, check=False)
    figure.a.tedd.wait_tunnels([])
    first = int(ipaddress.ip_address("10.128.0.0"))
    before = figure.a.tedd.counter("flows_caught")
    raw.send_each(figure.h1, *(raw.udp_packet(plan.h1, 40000, str(ipaddress.ip_address(first + i * 7)), 53, b"scan") for i in range(20_000)))
    wait_for("it to be caught", lambda: figure.a.tedd.counter("flows_caught") > before + 200, 8)  # of a host that is busy the guard reports few
    lab.cross(Ping(figure.h1, plan.h2), "a ping while the same host scans")
    pending = len(figure.a.tedd.ask("pending"))
    lab.check(pending < 4_000, SCANNED, str(pending))


def reader(lab: Lab, figure: Figure1) -> None:
    """A member of `readers` takes all places that it gets, and says nothing."""
    tedd = figure.a.tedd
    for folder in (lab.folder, tedd.folder):
        folder.chmod(0o711)
    silent = attackers.silent_reader(figure, READERS, tedd.folder / "reader.log")
    try:
        wait_for("its clients to be connected", lambda: "connected" in silent.output(), 8, silent.tail)
        lab.check(tedd.ctl("status", check=False).returncode == 0, LOCKED_OUT)
        lab.check(tedd.counter("clients_refused") > 0 and "TED-CONTROL" in tedd.log(), "and are told of")
        wait_for(UNFINISHED, lambda: tedd.counter("clients_unfinished") >= 16, 13)
        lab.say(UNFINISHED)
    finally:
        silent.stop()


def crowd(lab: Lab, figure: Figure1) -> None:
    """Their connections fill the queue in front of tedd, where root has to stand as well."""
    tedd = figure.a.tedd
    programs = [attackers.pushing_reader(figure, READERS, tedd.folder / f"reader-{number}.log") for number in range(PUSHING)]
    try:
        for program in programs:
            wait_for("a reader to push", lambda program=program: "connected" in program.output(), 8, program.tail)
        took = []
        for _ in range(10):
            began = time.monotonic()
            answered = tedd.ctl("status", check=False).returncode == 0
            took.append(time.monotonic() - began if answered else float("inf"))
        lab.check(max(took) < AT_ONCE * SLOWNESS, CROWDED, f"{max(took):.2f} s")
    finally:
        for program in programs:
            program.stop()


def is_ended(client: socket.socket) -> bool:
    client.settimeout(0)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def endless(lab: Lab, figure: Figure1) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(figure.a.tedd.folder / "tedd.sock"))
        client.send(b"x" * 60_000)
        wait_for(ENDLESS, lambda: is_ended(client), 3)
        lab.say(ENDLESS)


def control(lab: Lab, figure: Figure1) -> None:
    clients = []
    for i in range(200):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(0.2)
        with contextlib.suppress(OSError):
            client.connect(str(figure.a.tedd.folder / "tedd.sock"))
            client.send([b"x" * 60_000, b"{\"command\":", b"[" * 30_000 + b"\n", b"\n" * 1000][i % 4])
        clients.append(client)
    lab.check(figure.a.tedd.ask("status") is not None, "200 clients that send nonsense, or never end their line, do not keep tedctl from its answer")
    for client in clients:
        client.close()


def stopped(lab: Lab, figure: Figure1, old: bytes) -> None:
    """Each attack, and a ping between them. While answers are forged gwB is not there: with the cookie they would succeed, as lab 45 shows; the attacker has to guess, or to repeat."""
    ping = Ping(figure.h1, figure.plan.h2)
    figure.b.tedd.stop()
    guesses(lab, figure)
    replay(lab, figure, old)
    figure.b.tedd.start()
    lab.cross(ping, "a ping after forged answers")
    for attack in (unusable, flood, amplify, damaged, scan, reader, crowd, endless, control):
        attack(lab, figure)
    lab.cross(ping, "a ping after all of it")


def unstopped(lab: Lab, figure: Figure1, old: bytes) -> None:
    """Each of them where nothing stops it."""
    a, b = figure.a, figure.b
    for defence, claim, attack in (("usable-gateways", UNUSABLE, unusable), ("answer-rates", FLOODED, flood), ("shorter-answers", AMPLIFIED, amplify),
                                   ("whole-datagrams", DAMAGED, damaged)):
        lab.fails_without(defence, claim, lambda attack=attack: attack(lab, figure), b)
    for defence, claim, attack in (("host-rates", SCANNED, scan), ("kept-places", LOCKED_OUT, reader), ("ends-of-lines", UNFINISHED, reader), ("ends-of-lines", ENDLESS, endless)):
        lab.fails_without(defence, claim, lambda attack=attack: attack(lab, figure), a)
    b.tedd.stop()
    lab.fails_without("cookies", GUESSED, lambda: guesses(lab, figure), a)
    lab.fails_without("cookies", REPLAYED, lambda: replay(lab, figure, old), a)
    b.tedd.start()


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, figure1.TRANSIT)
    figure.a.tedd.write(Config([figure.plan.a_wan], figure1.RULES_A, readers=READERS))
    lab.start_gateways(figure.a, figure.b)
    lab.cross(Ping(figure.h1, figure.plan.h2), "a ping before")
    old = next(packet.datagram for packet in figure.middle.flush() if packet.kind is Kind.RESPONSE)
    assert figure.a.tedd.process
    pid = figure.a.tedd.process.pid
    stopped(lab, figure, old)
    lab.check(figure.a.tedd.process.pid == pid, "gwA is the tedd that it was")
    plan = figure.plan
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)
    unstopped(lab, figure, old)

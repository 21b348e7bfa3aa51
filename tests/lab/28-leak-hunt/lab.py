"""Protected flows of both families, both ways, through all that happens to a gateway in its life."""
from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace

from lib import figure1, netns, nft
from lib.capture import Capture, in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.full_speed import FastSender, Port
from lib.gateway import Gateway
from lib.lab import Lab
from lib.packets import Packet
from lib.process import run as run_program
from lib.tedd import Config, Rule
from lib.wait import SLOWNESS, LabFailure, wait_for

PROVES = "from boot to stop, through reloads, kill -9, charon's restart, rekeying and the end of tunnels not one packet of a protected flow crosses in the clear"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "ipv6")

KILLS, PORT, RELOADS, BEHIND, LIFE = 3, 9000, 100, 1000, 6
SLOW, SLOW_PAUSE = 100, 0.005                        # datagrams of each flow, for a phase in which all of some cross
LARGE, LARGE_PORT, LARGE_PAUSE = 4000, 9001, 0.02    # bytes, of which a frame takes 1,500
ENOUGH = int(100_000 / SLOWNESS)                      # datagrams, without which the hunt would prove little
V4, V6 = ("10.1.0.0/24", "10.2.0.0/24"), ("2001:db8:1::/64", "2001:db8:2::/64")
HOSTS = (("10.1.0.10", "10.2.0.10"), ("2001:db8:1::10", "2001:db8:2::10"))
ONLY = f"({' and '.join(f'net {net}' for net in V4)}) or ({' and '.join(f'net {net}' for net in V6)})"     # not ESP: a flood of it would hide what leaks
OTHER = Rule("other", ["10.1.0.0/24"], ["10.99.0.0/16"])


def rules(local: int, remote: int, turn: int = 0) -> list[Rule]:
    here = [Rule("sites", [V4[local], V6[local]], [V4[remote], V6[remote]], first_packet="hold" if turn % 4 < 2 else "drop")]
    return [OTHER, *here] if turn % 2 else here


def add_ipv6(figure: Figure1) -> None:
    """The same network once more; the gateways' ends stay IPv4."""
    a, b = figure.a.node, figure.b.node
    for node, words in ((figure.h1, "addr add 2001:db8:1::10/64 dev eth0"), (figure.h2, "addr add 2001:db8:2::10/64 dev eth0"),
                        (a, "addr add 2001:db8:1::1/64 dev lan"), (b, "addr add 2001:db8:2::1/64 dev lan"),
                        (a, "addr add 2001:db8:ff::1/64 dev wan"), (b, "addr add 2001:db8:ff::2/64 dev wan"),
                        (figure.h1, "route add default via 2001:db8:1::1"), (figure.h2, "route add default via 2001:db8:2::1"),
                        (a, "route add default via 2001:db8:ff::2"), (b, "route add default via 2001:db8:ff::1")):
        run_program(["ip", "-n", node.namespace, *words.split(), *(["nodad"] if words.startswith("addr") else [])])


def forward(figure: Figure1, on: bool) -> None:
    for gateway in (figure.a, figure.b):
        for name in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            netns.set_sysctl(gateway.node.namespace, name, int(on))


def clear(packets: list[Packet]) -> list[Packet]:
    return [packet for pair in (V4, V6) for packet in in_the_clear(packets, *pair)]


class Leak(LabFailure):
    """What the hunt is for."""

    def __init__(self, what: str, packets: list[Packet]) -> None:
        super().__init__(f"not so: {what}: nothing in the clear; instead: {len(packets)} packets: " + "; ".join(map(str, packets[:5])))
        self.flows = {(str(packet.source), str(packet.destination)) for packet in packets}


class Flood:
    """The four flows, each from a process of its own, and where they arrive; and beside them a slower one of datagrams that cross in fragments."""

    def __init__(self, lab: Lab, figure: Figure1, pause: float = 0) -> None:
        self._ports = [Port(node, address, PORT) for pair in HOSTS for node, address in zip((figure.h1, figure.h2), pair, strict=True)]
        ends = [(figure.h1, near, far) for near, far in HOSTS] + [(figure.h2, far, near) for near, far in HOSTS]
        self._senders = [FastSender(node, source, destination, PORT, lab.folder, pause=pause) for node, source, destination in ends]
        near, far = HOSTS[0]
        self._large = FastSender(figure.h1, near, far, LARGE_PORT, lab.folder, LARGE, LARGE_PAUSE)
        self._large_port = Port(figure.h2, far, LARGE_PORT, 1 << 20)

    def wait_through(self, what: str, seconds: float = 30) -> None:
        """Until something of each flow arrives that was sent after this."""
        now = time.monotonic_ns()
        silent = list(self._ports)

        def all_heard() -> bool:
            silent[:] = [port for port in silent if not port.heard_since(now)]
            return not silent

        wait_for(f"all flows to arrive {what}", all_heard, seconds, lambda: f"{len(silent)} do not\n" + "\n".join(one.tail() for one in self._senders), every=0.02)

    def wait_sent(self, more: int) -> None:
        """Until each sender has sent so many more."""
        before = [sender.sent for sender in self._senders]
        wait_for(f"{more} datagrams of each flow", lambda: all(sender.sent >= sent + more for sender, sent in zip(self._senders, before, strict=True)), 30)

    def wait_large(self) -> None:
        """Until one of the large ones arrives that was sent after this."""
        now = time.monotonic_ns()
        wait_for("a datagram in fragments to arrive", lambda: self._large_port.heard_since(now), 30, self._large.tail, every=0.02)

    def heard_inside(self, since: int) -> bool:
        """Whether anything for h1 that was sent after that has arrived there."""
        return any([port.heard_since(since) for port in self._ports[::2]])

    @property
    def sent(self) -> int:
        return self._large.sent + sum(sender.sent for sender in self._senders)

    def end(self) -> None:
        for one in (*self._senders, self._large):
            one.end()
        for port in (*self._ports, self._large_port):
            port.close()


class Hunt:
    """A flood, and what crosses the wire readable since the guard should stand."""

    def __init__(self, lab: Lab, flood: Flood, wire: Capture) -> None:
        self._lab, self._flood, self._wire = lab, flood, wire
        self._seen = len(wire.flush())

    def judge(self, what: str) -> None:
        packets = self._wire.flush()
        leaked, self._seen = clear(packets[self._seen:]), len(packets)
        if leaked:
            raise Leak(what, leaked)
        self._lab.say(f"{what}: nothing in the clear")

    def through(self, what: str, act: Callable[[], None]) -> None:
        act()
        self._flood.wait_through(f"after {what}")
        self.judge(what)


def has_time(lab: Lab) -> bool:
    """An emulated guest needs nearly all that a lab may take for the first phases."""
    return lab.dataplane is Dataplane.USERSPACE


def restart_tedd(gateway: Gateway) -> None:
    for _ in range(KILLS):
        gateway.tedd.kill()
        gateway.tedd.start()


def restart_charon(gateway: Gateway, end: Callable[[], None]) -> None:
    end()
    gateway.charon.start()
    gateway.charon.wait_ready()


def for_each_child(gateway: Gateway, act: Callable[[str], None]) -> None:
    for name in sorted({child.name for child in gateway.charon.children()}):
        act(name)


def reload(gateway: Gateway, wanted: list[Rule], what: str) -> None:
    """tedd's log says when a policy is in force: asking by tedctl takes longer than a reload where the flood has the machine."""
    tedd = gateway.tedd
    before = tedd.log().count("TED-POLICY-REPLACED")
    tedd.write(Config(tedd.addresses, wanted))
    assert tedd.process
    tedd.process.send(signal.SIGHUP)
    wait_for(f"{what} to be in force", lambda: tedd.log().count("TED-POLICY-REPLACED") > before, 30, tedd.logs, every=0.005)


def reload_often(gateway: Gateway) -> None:
    for turn in range(1, RELOADS + 1):
        reload(gateway, rules(0, 1, turn), f"policy {turn}")


def expire(a: Gateway, b: Gateway) -> None:
    """Tunnels whose lives run out: B only answers, and gives each LIFE seconds without rekeying, until its tedd starts anew."""
    reload(b, [replace(rule, discover=False) for rule in rules(1, 0)], "a policy that only answers")
    b.tedd.write(Config(b.tedd.addresses, rules(1, 0)))
    b.charon.shorten_lives("opented-in", LIFE)
    a.charon.terminate_all()
    wait_for("a life to run out", lambda: "closing expired CHILD_SA" in b.charon.log(), 30, b.charon.logs)


def hunt_through(lab: Lab, figure: Figure1, flood: Flood, wire: Capture, late: bool) -> None:
    """The life of two gateways. `late` leaves forwarding on before their guards stand."""
    a, b = figure.a, figure.b
    forward(figure, late)
    if late:
        flood.wait_through("without a guard")
    hunt = Hunt(lab, flood, wire)
    if late:
        flood.wait_through("without a guard, still")
    lab.start_gateways(a, b)
    forward(figure, True)
    flood.wait_through("through tunnels")
    hunt.judge("start, and forwarding after it")
    hunt.through(f"{RELOADS} reloads", lambda: reload_often(a))
    hunt.through("lives of tunnels that ran out", lambda: expire(a, b))
    hunt.through(f"kill -9 of tedd, {KILLS} times", lambda: restart_tedd(a))
    hunt.through("kill -9 of the other tedd", lambda: restart_tedd(b))
    hunt.through("rekeying", lambda: for_each_child(a, a.charon.rekey))
    hunt.through("the end of the tunnels", lambda: for_each_child(b, b.charon.terminate))
    hunt.through("kill -9 of charon", lambda: restart_charon(a, a.charon.kill))
    if has_time(lab):
        hunt.through("SIGTERM of the other charon", lambda: restart_charon(b, b.charon.stop))
        flood.wait_large()
        hunt.judge("datagrams that cross in fragments, which arrive as well")
    a.tedd.stop()
    b.tedd.stop()
    lab.check(nft.GUARD in nft.tables(a.node), "SIGTERM leaves the guard")
    flood.wait_sent(BEHIND)
    hunt.judge(f"stop, and {BEHIND} datagrams of each flow behind it")


def begin_anew(figure: Figure1) -> None:
    forward(figure, False)           # first: what crosses without a guard would fill the next capture, which must miss nothing
    for gateway in (figure.a, figure.b):
        gateway.tedd.stop()
        gateway.tedd.release()
        gateway.charon.stop()
        gateway.charon.start()


def hunt_late(lab: Lab, figure: Figure1, flood: Flood) -> None:
    """The same hunt has to fail when the guard comes late on purpose, and on all four flows."""
    try:
        hunt_through(lab, figure, flood, figure.middle, late=True)
    except Leak as leak:
        lab.check(len(leak.flows) == 4, "with the guard installed late on purpose the hunt fails at its first look: all four flows crossed in the clear", str(leak))
        return
    raise LabFailure("with the guard installed late the hunt sees no leak: it would see none either when one is there")


def inwards(lab: Lab, figure: Figure1) -> None:
    """gwB's guard is released: what h2 sends comes to gwA in the clear, whose own guard nobody tends."""
    for gateway in (figure.a, figure.b):
        gateway.charon.terminate_all()
    figure.b.tedd.release()
    assert figure.wire
    wire = lab.capture(figure.wire, "left", "inwards", ONLY)
    flows, since = Flood(lab, figure, SLOW_PAUSE), time.monotonic_ns()

    def sources() -> set[str]:
        return {str(packet.source) for packet in clear(wire.flush())}

    wait_for("datagrams of both families to come to gwA in the clear", lambda: {far for _, far in HOSTS} <= sources(), 30, every=0.2)
    flows.wait_sent(SLOW)
    lab.check(not flows.heard_inside(since), f"the other gateway released: what it lets out comes to gwA in the clear, and of {SLOW} more nothing gets in")
    flows.end()
    out = [packet for packet in clear(wire.flush()) if str(packet.source) in [near for near, _ in HOSTS]]
    lab.check(not out, "and nothing leaves there in the clear", "; ".join(map(str, out[:5])))


def run(lab: Lab) -> None:
    figure = figure1.build(lab, rules(0, 1), rules(1, 0), only=ONLY)
    add_ipv6(figure)
    flood = Flood(lab, figure)
    hunt_late(lab, figure, flood)
    begin_anew(figure)
    figure.middle.close()
    assert figure.wire
    wire = lab.capture(figure.wire, "left", "hunt", ONLY)
    before, began = flood.sent, time.monotonic()
    hunt_through(lab, figure, flood, wire, late=False)
    sent, took = flood.sent - before, time.monotonic() - began
    flood.end()
    lab.check(wire.missed() == 0, "the capture missed none of them")
    lab.check(sent >= ENOUGH, "enough were sent", f"{sent}")
    lab.say(f"{sent} datagrams were sent in {took:.1f} s, {sent / took:.0f} a second")
    if has_time(lab):
        inwards(lab, figure)
    else:
        lab.say("left out where an emulated guest has no time for it: SIGTERM of the other charon, datagrams in fragments, and what comes in the clear")

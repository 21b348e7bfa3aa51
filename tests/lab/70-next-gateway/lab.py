"""Two gateways answer one probe; the one whose answer comes first has another secret."""
import json
import socket
import threading
from contextlib import contextmanager
from collections.abc import Iterator

from lib import netns
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.fork import B, C, FAR, H2, INSIDE_C, NEAR, Fork, build, office, peers
from lib.lab import Lab
from lib.live import Live
from lib.packets import Kind, Packet
from lib.process import run as run_program
from lib.topology import Node
from lib.traffic import Ping
from lib.wait import WaitFailure

PROVES = "when IKE fails with the gateway that answered first, the next one that answered gets the tunnel"
DATAPLANES = (Dataplane.USERSPACE,)


def hardware_address(node: Node, interface: str) -> bytes:
    told = run_program(["ip", "-json", "-n", node.namespace, "link", "show", "dev", interface]).stdout
    return bytes.fromhex(json.loads(told)[0]["address"].replace(":", ""))


@contextmanager
def forked(fork: Fork) -> Iterator[None]:
    """Each probe that the first gateway has answered goes to the second one, too."""
    out = netns.open_socket(fork.router.namespace, socket.AF_PACKET, socket.SOCK_DGRAM)
    to = ("toC", 0x0800, 0, 0, hardware_address(fork.c, "wan"))
    ends = threading.Event()

    def answers(packet: Packet) -> bool:
        return packet.kind is Kind.RESPONSE and str(packet.source) == B

    def copy() -> None:
        with Live(fork.wire, "left") as live:
            ready.set()
            while not ends.is_set():
                try:
                    probe = live.next("a probe", lambda packet: packet.kind is Kind.PROBE and str(packet.destination) == H2, 0.2)
                    live.next("gwB's answer", answers, 2)
                except WaitFailure:
                    continue
                out.sendto(probe.raw, to)

    ready = threading.Event()
    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        ends.set()
        thread.join()
        out.close()


def run(lab: Lab) -> None:
    fork = build(lab, INSIDE_C)
    near, capture = fork.a, fork.capture
    first = office(lab, fork.b, B, psk="another secret than the other gateways'")
    second = office(lab, fork.c, C)
    lab.start_gateways(near, first, second)
    ping = Ping(fork.h1, H2)
    with forked(fork):
        lab.cross(ping, "a ping from h1 to h2", 15)
        answered = [str(packet.source) for packet in capture.flush() if packet.kind is Kind.RESPONSE]
        lab.check(answered[:2] == [B, C], "gwB answers first and gwC as well", str(answered))
        tried = [line for line in near.tedd.log().splitlines() if "TED-NEXT-GATEWAY" in line]
        lab.check(len(tried) == 1 and B in tried[0] and f"{C} answered as well" in tried[0], "IKE with gwB fails, and gwA tries gwC, which answered as well", str(tried))
        lab.check(sum(child.bytes_in for child in second.charon.children()) > 0, "a ping is answered through gwC")
        lab.check(near.tedd.counter("discoveries_failed") == 0, "no discovery failed")
        lab.check(peers(near) == {C} and not first.charon.children(), "gwA has one tunnel, with gwC, and gwB has none", str(peers(near)))
    clear = in_the_clear(capture.flush(), NEAR, FAR)
    lab.check(not clear, "not one packet of the flow crossed the wire in the clear", "; ".join(map(str, clear[:5])))

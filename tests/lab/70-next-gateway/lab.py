"""Two gateways answer one probe; the one whose answer comes first has another secret."""
import json
import socket
import threading
from contextlib import contextmanager
from collections.abc import Iterator

from lib import netns
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.live import Live
from lib.packets import Kind, Packet
from lib.process import run as run_program
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.traffic import Ping
from lib.wait import WaitFailure

PROVES = "when IKE fails with the gateway that answered first, the next one that answered gets the tunnel"
DATAPLANES = (Dataplane.USERSPACE,)

A, B, C = "192.0.2.1", "198.51.100.2", "203.0.113.2"
NEAR, FAR = "10.1.0.0/24", "10.2.0.0/24"
H2 = "10.2.0.10"


def hardware_address(node: Node, interface: str) -> bytes:
    told = run_program(["ip", "-json", "-n", node.namespace, "link", "show", "dev", interface]).stdout
    return bytes.fromhex(json.loads(told)[0]["address"].replace(":", ""))


@contextmanager
def forked(wire: Node, router: Node, second: Node) -> Iterator[None]:
    """Each probe that the first gateway has answered goes to the second one, too."""
    out = netns.open_socket(router.namespace, socket.AF_PACKET, socket.SOCK_DGRAM)
    to = ("toC", 0x0800, 0, 0, hardware_address(second, "wan"))
    ends = threading.Event()

    def answers(packet: Packet) -> bool:
        return packet.kind is Kind.RESPONSE and str(packet.source) == B

    def copy() -> None:
        with Live(wire, "left") as live:
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


def peers(gateway: Gateway) -> set[str]:
    return {sa.remote_host for sa in gateway.charon.sas() if any(child.state == "INSTALLED" for child in sa.children)}


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", f"{A}/24").route("default", "192.0.2.254")
    router = network.router("router").address("toA", "192.0.2.254/24").address("toB", "198.51.100.254/24").address("toC", "203.0.113.254/24")
    router.route(NEAR, A).route(FAR, B)
    inner = network.router("inner").address("toB", "10.9.1.1/24").address("toC", "10.9.2.1/24").address("lan", "10.2.0.1/24").route("default", "10.9.2.2")
    h2 = network.host("h2").address("eth0", f"{H2}/24").route("default", "10.2.0.1")
    # Userspace ESP wants an address of the gateway's own inside its selectors.
    b = network.router("gwB").address("wan", f"{B}/24").address("lan", "10.9.1.2/24").address("lo", "10.2.0.2/32")
    b.route("default", "198.51.100.254").route(FAR, "10.9.1.1")
    c = network.router("gwC").address("wan", f"{C}/24").address("lan", "10.9.2.2/24").address("lo", "10.2.0.3/32")
    c.route("default", "203.0.113.254").route(FAR, "10.9.2.1")
    network.link(h1, "eth0", a, "lan")
    network.link(router, "toB", b, "wan")
    network.link(router, "toC", c, "wan")
    network.link(b, "lan", inner, "toB")
    network.link(c, "lan", inner, "toC")
    network.link(inner, "lan", h2, "eth0")
    wire = network.tapped_link("wire", a, "wan", router, "toA")
    network.build()
    capture = lab.capture(wire, "left", "wire")
    near = lab.gateway(a, Config([A], [Rule("branches", [NEAR], ["10.0.0.0/8"])]))
    first = lab.gateway(b, Config([B], [Rule("office", [FAR], [NEAR], discover=False)], psk="another secret than the other gateways'"))
    second = lab.gateway(c, Config([C], [Rule("office", [FAR], [NEAR], discover=False)]))
    lab.start_gateways(near, first, second)
    ping = Ping(h1, H2)
    with forked(wire, router, c):
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

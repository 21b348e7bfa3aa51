"""A second gateway takes over when routing moves, and back."""
import time

from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.process import run as run_program
from lib.steady import Steady
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.wait import wait_for

PROVES = "a second gateway takes over when routing moves, and the tunnel to the first one goes"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)

A, B, C = "192.0.2.1", "198.51.100.2", "203.0.113.2"
NEAR, FAR = "10.1.0.0/24", "10.2.0.0/24"
UNHEARD = 12 + 2                # a period of path checks and two rounds of them; a little for a busy machine
HEARD = 2 + 2                   # two rounds alone


class Routes:
    """Which of the two gateways lies between the router and the inner network."""

    def __init__(self, router: Node, inner: Node) -> None:
        self._router, self._inner = router, inner

    def lead_through(self, outside: str, inside: str) -> None:
        run_program(["ip", "-n", self._router.namespace, "route", "replace", FAR, "via", outside])
        run_program(["ip", "-n", self._inner.namespace, "route", "replace", "default", "via", inside])


def inner_gateway(lab: Lab, node: Node, address: str, discover: bool) -> Gateway:
    return lab.gateway(node, Config([address], [Rule("office", [FAR], [NEAR], discover=discover)]))


def peers(gateway: Gateway) -> set[str]:
    return {sa.remote_host for sa in gateway.charon.sas() if any(child.state == "INSTALLED" for child in sa.children)}


def carries(gateway: Gateway) -> int:
    """Bytes that its tunnels took in."""
    return sum(child.bytes_in for child in gateway.charon.children())


def moved(lab: Lab, what: str, steady: Steady, gateways: tuple[Gateway, Gateway], peer: str, since: float, seconds: float) -> None:
    """Waits until a ping is answered again, through that gateway and in no tunnel but the one to it."""
    near, through = gateways
    answered = steady.back(what, since, seconds + 3)
    lab.check(answered - since < seconds, f"{what}: a ping was answered {(answered - since) * 1000:.0f} ms later", f"{answered - since:.1f} s")
    before = carries(through)
    wait_for(f"traffic through {through.node.name}", lambda: carries(through) > before, 8)
    wait_for(f"{near.node.name} to have a tunnel to {peer} alone", lambda: peers(near) == {peer}, UNHEARD + 3, near.tedd.logs)
    lab.say(f"it goes through {through.node.name}, and the tunnel to the other gateway is gone")
    settled = time.monotonic()
    wait_for("the tunnel to be older than five seconds", lambda: time.monotonic() > settled + 5.5 and steady.lost(settled) == 0, 15)


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", f"{A}/24").route("default", "192.0.2.254")
    router = network.router("router").address("toA", "192.0.2.254/24").address("toB", "198.51.100.254/24").address("toC", "203.0.113.254/24")
    router.route(NEAR, A).route(FAR, B)
    inner = network.router("inner").address("toB", "10.9.1.1/24").address("toC", "10.9.2.1/24").address("lan", "10.2.0.1/24").route("default", "10.9.1.2")
    h2 = network.host("h2").address("eth0", "10.2.0.10/24").route("default", "10.2.0.1")
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
    first, second = inner_gateway(lab, b, B, True), inner_gateway(lab, c, C, False)
    lab.start_gateways(near, first, second)
    routes = Routes(router, inner)
    steady = Steady(h1, "10.2.0.10")
    steady.start()
    try:
        moved(lab, "routes lead through gwB", steady, (near, first), B, time.monotonic(), 8)

        since = time.monotonic()
        routes.lead_through(C, "10.9.2.2")
        moved(lab, "routes lead through gwC", steady, (near, second), C, since + 0.1, UNHEARD)

        if lab.dataplane is Dataplane.USERSPACE:     # the guest with kernel ESP is too slow for all of it
            since = time.monotonic()
            routes.lead_through(B, "10.9.1.2")
            moved(lab, "routes lead through gwB again, which asks for a tunnel itself", steady, (near, first), B, since + 0.1, UNHEARD)

            since = time.monotonic()
            routes.lead_through(C, "10.9.2.2")
            run_program(["ip", "-n", a.namespace, "route", "add", "10.77.0.0/24", "via", "192.0.2.254"])
            moved(lab, "routes lead through gwC, and gwA hears of a change", steady, (near, second), C, since + 0.1, HEARD)
    finally:
        steady.end()
    clear = in_the_clear(capture.flush(), NEAR, FAR)
    lab.check(not clear, "not one packet of the flow crossed the wire in the clear", "; ".join(map(str, clear[:5])))

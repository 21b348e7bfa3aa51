"""A second gateway takes over when routing moves, and back."""
import time

from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.fork import B, C, FAR, H2, INSIDE_B, INSIDE_C, NEAR, build, office, peers
from lib.gateway import Gateway
from lib.lab import Lab
from lib.process import run as run_program
from lib.steady import Steady
from lib.topology import Node
from lib.wait import wait_for

PROVES = "a second gateway takes over when routing moves, and the tunnel to the first one goes"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)

UNHEARD = 12 + 2                # a period of path checks and two rounds of them; a little for a busy machine
HEARD = 2 + 2                   # two rounds alone


class Routes:
    """Which of the two gateways lies between the router and the inner network."""

    def __init__(self, router: Node, inner: Node) -> None:
        self._router, self._inner = router, inner

    def lead_through(self, outside: str, inside: str) -> None:
        run_program(["ip", "-n", self._router.namespace, "route", "replace", FAR, "via", outside])
        run_program(["ip", "-n", self._inner.namespace, "route", "replace", "default", "via", inside])


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
    fork = build(lab, INSIDE_B)
    near = fork.a
    first, second = office(lab, fork.b, B, discover=True), office(lab, fork.c, C)
    lab.start_gateways(near, first, second)
    routes = Routes(fork.router, fork.inner)
    steady = Steady(fork.h1, H2)
    steady.start()
    try:
        moved(lab, "routes lead through gwB", steady, (near, first), B, time.monotonic(), 8)

        since = time.monotonic()
        routes.lead_through(C, INSIDE_C)
        moved(lab, "routes lead through gwC", steady, (near, second), C, since + 0.1, UNHEARD)

        if lab.dataplane is Dataplane.USERSPACE:     # the guest with kernel ESP is too slow for all of it
            since = time.monotonic()
            routes.lead_through(B, INSIDE_B)
            moved(lab, "routes lead through gwB again, which asks for a tunnel itself", steady, (near, first), B, since + 0.1, UNHEARD)

            since = time.monotonic()
            routes.lead_through(C, INSIDE_C)
            run_program(["ip", "-n", near.node.namespace, "route", "add", "10.77.0.0/24", "via", "192.0.2.254"])
            moved(lab, "routes lead through gwC, and gwA hears of a change", steady, (near, second), C, since + 0.1, HEARD)
    finally:
        steady.end()
    clear = in_the_clear(fork.capture.flush(), NEAR, FAR)
    lab.check(not clear, "not one packet of the flow crossed the wire in the clear", "; ".join(map(str, clear[:5])))

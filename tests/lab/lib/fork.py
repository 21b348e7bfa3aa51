"""Two gateways between a router and the inner network: which of them a packet passes is a matter of routes."""
from __future__ import annotations

from dataclasses import dataclass

from .capture import Capture
from .gateway import Gateway
from .lab import Lab
from .tedd import Config, Rule
from .topology import Node

A, B, C = "192.0.2.1", "198.51.100.2", "203.0.113.2"
NEAR, FAR = "10.1.0.0/24", "10.2.0.0/24"
H2 = "10.2.0.10"
INSIDE_B, INSIDE_C = "10.9.1.2", "10.9.2.2"     # where `inner` finds them


@dataclass
class Fork:
    """h1 - gwA = wire = router -< b, c >- inner - h2; built, gwA made but not started."""

    h1: Node
    a: Gateway
    router: Node
    b: Node
    c: Node
    inner: Node
    wire: Node              # whose interface `left` sees the link that `capture` captures
    capture: Capture


def build(lab: Lab, way_back: str) -> Fork:
    """The router's routes lead through b, and those of `inner` back through `way_back`: INSIDE_B or INSIDE_C."""
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", f"{A}/24").route("default", "192.0.2.254")
    router = network.router("router").address("toA", "192.0.2.254/24").address("toB", "198.51.100.254/24").address("toC", "203.0.113.254/24")
    router.route(NEAR, A).route(FAR, B)
    inner = network.router("inner").address("toB", "10.9.1.1/24").address("toC", "10.9.2.1/24").address("lan", "10.2.0.1/24").route("default", way_back)
    h2 = network.host("h2").address("eth0", f"{H2}/24").route("default", "10.2.0.1")
    # Userspace ESP wants an address of the gateway's own inside its selectors.
    b = network.router("gwB").address("wan", f"{B}/24").address("lan", f"{INSIDE_B}/24").address("lo", "10.2.0.2/32")
    b.route("default", "198.51.100.254").route(FAR, "10.9.1.1")
    c = network.router("gwC").address("wan", f"{C}/24").address("lan", f"{INSIDE_C}/24").address("lo", "10.2.0.3/32")
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
    return Fork(h1, lab.gateway(a, Config([A], [Rule("branches", [NEAR], ["10.0.0.0/8"])])), router, b, c, inner, wire, capture)


def office(lab: Lab, node: Node, address: str, discover: bool = False, psk: str | None = None) -> Gateway:
    """b or c as a gateway that protects FAR; not started."""
    rules = [Rule("office", [FAR], [NEAR], discover=discover)]
    return lab.gateway(node, Config([address], rules) if psk is None else Config([address], rules, psk=psk))


def peers(gateway: Gateway) -> set[str]:
    """Whom it has a tunnel with."""
    return {sa.remote_host for sa in gateway.charon.sas() if any(child.state == "INSTALLED" for child in sa.children)}

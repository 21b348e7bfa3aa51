"""Three gateways in a row, each protecting what is behind it: what the one in the middle does with what is meant for the last."""
from __future__ import annotations

from dataclasses import dataclass

from . import figure1
from .capture import Capture
from .gateway import Gateway
from .lab import Lab
from .tedd import Config, Rule
from .topology import Node

A, MIDDLE, MIDDLE_FAR, LAST = "192.0.2.1", "192.0.2.254", "198.51.100.254", "198.51.100.2"
H1, H2, H3 = "10.1.0.10", "10.2.0.10", "10.3.0.10"


@dataclass
class Row:
    """h1 - A - (before) - middle - (behind) - last - h2, and h3 behind the middle; built, the gateways made but not started."""

    h1: Node
    a: Gateway
    middle: Gateway
    last: Gateway
    before: Capture
    behind: Capture

    def gateways(self) -> tuple[Gateway, Gateway, Gateway]:
        return self.a, self.middle, self.last


def build(lab: Lab, names: tuple[str, str], middle_rules: list[Rule], last_rules: list[Rule], middle_outside: list[str],
          middle_inside: list[str] | None = None) -> Row:
    """`names` of the middle and the last; `middle_outside` of its interfaces wan (to A) and far; `middle_inside`, further addresses of its own."""
    network = lab.network()
    h1 = network.host("h1").address("eth0", f"{H1}/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", f"{A}/24").route("default", MIDDLE)
    middle = network.router(names[0]).address("wan", f"{MIDDLE}/24").address("far", f"{MIDDLE_FAR}/24").address("lan", "10.3.0.1/24")
    middle.address("lo", *(middle_inside or [])).route("10.1.0.0/24", A).route("10.2.0.0/24", LAST)
    last = network.router(names[1]).address("lan", "10.2.0.1/24").address("wan", f"{LAST}/24").route("default", MIDDLE_FAR)
    h2 = network.host("h2").address("eth0", f"{H2}/24").route("default", "10.2.0.1")
    h3 = network.host("h3").address("eth0", f"{H3}/24").route("default", "10.3.0.1")
    network.link(h1, "eth0", a, "lan")
    wire1 = network.tapped_link("wire1", a, "wan", middle, "wan")
    wire2 = network.tapped_link("wire2", middle, "far", last, "wan")
    network.link(last, "lan", h2, "eth0")
    network.link(middle, "lan", h3, "eth0")
    network.build()
    before, behind = lab.capture(wire1, "left", "before-the-middle"), lab.capture(wire2, "left", "behind-the-middle")
    own = [MIDDLE, MIDDLE_FAR] if "far" in middle_outside else [MIDDLE]
    return Row(h1, lab.gateway(a, Config([A], figure1.RULES_A)), lab.gateway(middle, Config(own, middle_rules, middle_outside)),
               lab.gateway(last, Config([LAST], last_rules)), before, behind)

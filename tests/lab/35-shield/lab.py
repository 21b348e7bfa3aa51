"""The XDP program in front of the gateway: bounds discovery by source and in all, and goes with tedd."""
from __future__ import annotations

import ipaddress
import json
import os
import socket

from lib import figure1, netns, raw, ted
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.traffic import Ping, answered, until_answered
from lib.wait import wait_for

PROVES = "a flood of probes is dropped at the interface beyond its rate, discovery and tunnels go on beside it, and the shield goes with tedd"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
ATTACKER = "203.0.113.9"
LATE, LATE_FAR = "198.51.100.2", "198.51.100.1"      # the ends of the cable that comes later
NEEDS = ("binaries", "xdp")
FLOOD = 4000
HEARD = "and tedd hears no more than what it let pass"


def second_cable(figure: Figure1) -> None:
    """Between the gateways, as the interfaces late and far-late; routes that no other packet takes."""
    here, there = figure.b.node.namespace, figure.a.node.namespace
    run_program(["ip", "-n", here, "link", "add", "late", "type", "veth", "peer", "name", "far-late", "netns", there])
    for space, interface, address in ((here, "late", LATE), (there, "far-late", LATE_FAR)):
        run_program(["ip", "-n", space, "address", "add", f"{address}/24", "dev", interface])
        run_program(["ip", "-n", space, "link", "set", interface, "up"])
    run_program(["ip", "-n", there, "route", "add", "default", "via", LATE, "dev", "far-late", "metric", "4000"])


def probe(plan: figure1.Plan, source: str, gateway: str = ATTACKER) -> bytes:
    """For h2, such as gwB answers, under this source."""
    summary = ted.Summary(17, ipaddress.ip_address(source), ipaddress.ip_address(plan.h2), 4000, 4000)
    message = ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(gateway), capabilities=0, summary=summary, padding=64)
    return raw.udp_packet(source, 4000, plan.h2, 500, ted.encode(message))


def shielded(node: Node, interface: str) -> bool:
    """Whether the kernel says that a program is there."""
    return "xdp" in json.loads(run_program(["ip", "-j", "link", "show", "dev", interface], namespace=node.namespace).stdout)[0]


def flood(lab: Lab, figure: Figure1, packets: list[bytes], counter: str, what: str) -> None:
    """Sends them all to gwB, again while its shield has dropped none under that reason: a slow machine loses many before they get there."""
    def drops() -> bool:
        raw.send(figure.a.node, *packets, interface="wan")
        return figure.b.tedd.counter(counter) > 0

    lab.check(figure.b.tedd.counter(counter) == 0, f"before {what} nothing is dropped for that")
    wait_for(f"the shield to drop some of {what}", drops, 10, lambda: str(figure.b.tedd.ask("counters")))
    lab.say(f"of {what} it drops what is beyond the rate")


def few_heard(lab: Lab, figure: Figure1) -> None:
    counts = figure.b.tedd.ask("counters")
    dropped = sum(value for name, value in counts.items() if name.startswith("shield_dropped"))
    lab.check(counts["probes_received"] <= counts.get("shield_seen", 0) - dropped, HEARD, str(counts))


def unshielded(lab: Lab, figure: Figure1, packets: list[bytes]) -> None:
    """gwB's tedd has no shield; the same flood."""
    raw.send(figure.a.node, *packets, interface="wan")
    wait_for("gwB to hear the flood", lambda: figure.b.tedd.counter("probes_received") > len(packets) / 4, 10, figure.b.tedd.logs)
    few_heard(lab, figure)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, [Rule("here", ["10.1.0.0/16"], ["10.2.0.0/16"])], [Rule("there", ["10.2.0.0/16"], ["any"])])
    plan, b = figure.plan, figure.b
    b.tedd.write(Config([plan.b_wan], [Rule("there", ["10.2.0.0/16"], ["any"])], interfaces=["wan", "late"], shield="auto"))
    lab.start_gateways(figure.a, figure.b)
    modes = b.tedd.ask("status")["shield"]
    assert modes
    lab.check(modes["wan"] in ("native", "generic") and shielded(b.node, "wan"), "the shield stands at the outside interface")
    lab.check(modes["late"].startswith("none: "), "and says that the other one is not there")
    second_cable(figure)
    wait_for("a shield at the late interface", lambda: b.tedd.ask("status")["shield"]["late"] in ("native", "generic"), 5)
    lab.check(shielded(b.node, "late"), "when it appears it gets its own")
    before = b.tedd.counter("probes_answered")
    raw.send(figure.a.node, probe(plan, LATE_FAR, LATE_FAR), interface="far-late")
    wait_for("the answer to a probe at the late interface", lambda: b.tedd.counter("probes_answered") > before, 5, b.tedd.logs)
    lab.say("and a probe that comes by it is taken off the wire and answered")

    until_answered(Ping(figure.h1, plan.h2), "a ping through the tunnel")
    figure1.check_tunnel(lab, figure, Selector("10.1.0.0/16", "10.2.0.0/16"))

    packet = probe(plan, ATTACKER)
    flood(lab, figure, [packet] * FLOOD, "shield_dropped_source", "a flood by one source")
    few_heard(lab, figure)
    lab.check(answered(Ping(figure.h1, plan.h2), 5) == 5, "the tunnel carries as ever")

    b.tedd.kill()
    lab.check(not shielded(b.node, "wan") and not shielded(b.node, "late"), "when tedd is killed no shield is left")
    with netns.open_socket(figure.h2.namespace, socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((plan.h2, 500))
        raw.send(figure.a.node, packet, interface="wan")
        lab.check(raw.receive(ear) is not None, "and probes travel on")

    b.tedd.write(Config([plan.b_wan], [Rule("there", ["10.2.0.0/16"], ["any"])], interfaces=["wan", "late"]))
    b.tedd.start()
    lab.fails("a shield", HEARD, lambda: unshielded(lab, figure, [packet] * FLOOD))

"""A tunnel stands, its route is gone, and a rule holds first packets: what is released finds no tunnel."""
from __future__ import annotations

import socket

from lib import figure1, netns
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.process import run as run_program
from lib.tedd import Rule
from lib.traffic import Ping, until_answered
from lib.wait import wait_for

PROVES = "a first packet that was held goes through a tunnel or nowhere, also one of a kind that a gateway may send of its own"
DATAPLANES = (Dataplane.USERSPACE,)
IGMP, REPORT = 2, b"\x16\x00\x00\x00\x00\x00\x00\x00 opented lab"


def run(lab: Lab) -> None:
    figure = figure1.build(lab, [Rule("all", ["10.1.0.0/16"], ["10.0.0.0/8"], first_packet="hold")], figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    until_answered(Ping(figure.h1, plan.h2), "a ping from h1 to h2")    # the first one may be there before gwB's guard knows the tunnel
    lab.say("a tunnel carries a ping from h1 to h2")
    run_program(["ip", "-n", figure.a.node.namespace, "route", "flush", "table", "220"])
    released = figure.a.tedd.counter("packets_released")
    with netns.open_socket(figure.h1.namespace, socket.AF_INET, socket.SOCK_RAW, IGMP) as igmp, \
            netns.open_socket(figure.h1.namespace, socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for _ in range(3):
            igmp.sendto(REPORT, (plan.h2, 0))
            udp.sendto(b"opented lab", (plan.h2, 7007))
    wait_for("what was held to be released", lambda: figure.a.tedd.counter("packets_released") >= released + 6, 8, figure.a.tedd.logs)
    lab.say("without the tunnel's route IGMP and UDP packets were held, and released")
    lab.check(figure.a.tedd.counter("packets_held") <= released + 12, "each of them once")
    clear = in_the_clear(figure.middle.flush(), plan.near, plan.far)
    lab.check(not clear, "not one of them crossed in the clear", "; ".join(map(str, clear[:5])))

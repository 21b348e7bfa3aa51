"""The gateways find each other and then do not believe each other: different pre-shared keys."""
import re

from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "a peer with another pre-shared key: no tunnel, the failure is told with its selectors, a hold-down, nothing in the clear"
DATAPLANES = (Dataplane.USERSPACE,)


def tells_failure(log: str, *networks: str) -> bool:
    """Whether a line of the log speaks of a failure and names all of these."""
    return any(re.search("fail|auth|refus|reject", line, re.IGNORECASE) and all(network in line for network in networks)
               for line in log.splitlines())


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, psk_b="another secret than the other gateway's")
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    ping = Ping(figure.h1, plan.h2)
    lab.check(answered(ping, 1) == 0, "the first packet is dropped")
    figure.middle.wait_kind(Kind.RESPONSE)
    figure.middle.wait_kind(Kind.IKE)
    lab.say("gwB answers the probe, and gwA starts IKE with it")
    wait_for("gwA to tell of the failure with its selectors", lambda: tells_failure(figure.a.tedd.log(), plan.near, plan.far), 15)
    lab.say("gwA tells of the failure with the selectors that it proposed")
    wait_for("a hold-down in tedctl pending", lambda: figure.a.tedd.held_down(), 15, every=0.2)
    lab.say("and tedctl pending shows a hold-down")
    lab.check(answered(ping, 3) == 0, "no ping crosses")
    lab.check(not figure.a.selectors() and not figure.b.selectors(), "there is no tunnel at either end")
    lab.check(not figure.a.tedd.tunnel_selectors(), "and tedctl tunnels names none")
    lab.check(not in_the_clear(figure.middle.flush(), plan.near, plan.far), "not one packet of the flow crossed in the clear")
    figure.b.tedd.write(Config([plan.b_wan], figure1.RULES_B))
    figure.b.tedd.ctl("reload")
    lab.cross(ping, "a ping with the same secret at both ends", 20)
    lab.say("with the same secret at both ends it crosses")

"""Whoever speaks first is the initiator: from h2 in one network, from h1 in another that is just as fresh."""
from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.traffic import Ping, answered

PROVES = "traffic from either side starts the discovery, with the same tunnel in the end, used by both directions"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)


def from_h2(lab: Lab) -> None:
    lab.say("from h2:")
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, name="from-h2")
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    lab.cross(Ping(figure.h2, plan.h1), "a ping from h2 to h1")
    lab.check(answered(Ping(figure.h1, plan.h2), 3) == 3, "pings of the other direction use the same tunnel at once")
    figure1.check_tunnel(lab, figure, figure.agreed)
    packets = figure.middle.flush()
    # A answers with its own, wider line; the intersection is taken by B.
    figure1.check_exchange(lab, packets, 1, (plan.h2, 8, plan.h1, 0), plan.b_wan, plan.a_wan, "10.1.0.0/16", "10.0.0.0/8")
    figure1.check_wire(lab, packets, plan.near, plan.far)


def from_h1(lab: Lab) -> None:
    lab.say("from h1:")
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, name="from-h1")
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    lab.check(answered(Ping(figure.h2, plan.h1), 3) == 3, "pings of the other direction use the same tunnel at once")
    figure1.check_tunnel(lab, figure, figure.agreed)
    packets = figure.middle.flush()
    figure1.check_exchange(lab, packets, 1, (plan.h1, 8, plan.h2, 0), plan.a_wan, plan.b_wan, plan.far, plan.near)
    figure1.check_wire(lab, packets, plan.near, plan.far)
    figure1.fails_without_guards(lab, figure, Ping(figure.h1, plan.h2), figure1.NONE_CLEAR)


def run(lab: Lab) -> None:
    from_h2(lab)
    from_h1(lab)

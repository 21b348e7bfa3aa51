"""A router between the gateways that knows nothing of either."""
from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.traffic import Ping

PROVES = "probe and response cross a plain router like any packet, and the tunnel goes through it"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, figure1.TRANSIT)
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    lab.say("a ping was answered")
    figure1.check_tunnel(lab, figure, figure.agreed)
    before = figure.middle.flush()
    assert figure.beyond
    after = figure.beyond.flush()
    figure1.check_exchange(lab, before, 1, (plan.h1, 8, plan.h2, 0), plan.a_wan, plan.b_wan, plan.far, plan.near)
    # A's alone: B checks the tunnel's path the other way a moment later, and A may again.
    probes, passed = ([packet for packet in packets if packet.kind is Kind.PROBE and str(packet.source) == plan.h1] for packets in (before, after))
    passed = passed[:len(probes)]
    lab.check([packet.untouched_part() for packet in probes] == [packet.untouched_part() for packet in passed],
              "behind the router the probes were the same bytes")
    lab.check([packet.ttl - 1 for packet in probes] == [packet.ttl for packet in passed], "with a TTL one less")
    figure1.check_wire(lab, before, plan.near, plan.far)
    figure1.check_wire(lab, after, plan.near, plan.far)

"""Figure 1 with IPv6 inside and outside."""
from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import ICMPV6
from lib.traffic import Ping, Udp, answered
from lib.wireshark import check_dissection

PROVES = "the same discovery, agreement and tunnel with IPv6 hosts and IPv6 gateways"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "ipv6")


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A6, figure1.RULES_B6, figure1.IPV6)
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    crossing = lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    lab.check(crossing.lost >= 1, "the first packet was dropped, and a later one was answered")
    lab.check(answered(Udp(figure.h1, plan.h1, 40000, figure.h2, plan.h2, 7007), 3) == 3, "datagrams use the same tunnel at once")
    figure1.check_tunnel(lab, figure, figure.agreed)
    packets = figure.middle.flush()
    figure1.check_exchange(lab, packets, ICMPV6, (plan.h1, 128, plan.h2, 0), plan.a_wan, plan.b_wan, plan.far, plan.near)
    figure1.check_wire(lab, packets, plan.near, plan.far)
    check_dissection(lab, figure.middle, "version 3")

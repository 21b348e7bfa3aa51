"""Figure 1: a packet meets a policy, the gateways find each other, the flow goes on encrypted."""
from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.traffic import Ping, Udp, answered
from lib.wireshark import dissect, value_of

PROVES = "a gateway that knows nothing of its peer finds it, agrees on the intersection, and the flow crosses only encrypted"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    udp = Udp(figure.h1, plan.h1, 40000, figure.h2, plan.h2, 7007)
    crossing = lab.cross(udp, "a datagram from h1 to h2")
    lab.check(crossing.lost >= 1, "the first packet was dropped, and a later one was answered")
    lab.check(answered(Ping(figure.h1, plan.h2), 3) == 3, "pings use the same tunnel at once")
    figure1.check_tunnel(lab, figure, figure.agreed)
    packets = figure.middle.flush()
    figure1.check_exchange(lab, packets, 17, (plan.h1, 40000, plan.h2, 7007), plan.a_wan, plan.b_wan, plan.far, plan.near)
    figure1.check_wire(lab, packets, plan.near, plan.far)
    seen = [fields for fields in dissect(figure.middle.path) if fields]
    lab.check(not [fields for fields in seen if value_of(fields, "error")], "the Wireshark dissector finds no fault in the capture")
    lab.check(any(value_of(fields, "response_to") for fields in seen), "it links the response to its probe, with the time between")
    lab.check(figure.a.tedd.counter("tunnels_up") >= 1, "gwA counts a tunnel")
    lab.check(figure.b.tedd.counter("probes_answered") >= 1, "gwB counts an answered probe")

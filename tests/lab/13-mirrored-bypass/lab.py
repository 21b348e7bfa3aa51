"""An early bypass line whose mirror image covers what a later line protects."""
from lib import figure1
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import UDP, Packet
from lib.selector import Selector
from lib.tedd import Rule
from lib.traffic import Udp, answered

PROVES = "a bypass line lets its own flows and their replies pass, and not what its mirror image would let out"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
NEEDS = ("binaries", "without")
NONE_CLEAR = "it crossed encrypted, and none of its flow in the clear"


def is_protected(packet: Packet) -> bool:
    return packet.protocol == UDP and 7007 in packet.ports


def check_wire(lab: Lab, figure: Figure1, before: int) -> None:
    """Of what the capture has behind the first `before` packets."""
    packets = figure.middle.flush()
    clear = in_the_clear(packets[before:], figure.plan.near, figure.plan.far, is_protected)
    lab.check(bool(encrypted(packets)) and not clear, NONE_CLEAR, "; ".join(map(str, clear[:5])))


def run(lab: Lab) -> None:
    any_ten = ["10.0.0.0/8"]
    figure = figure1.build(lab, [Rule("dns", any_ten, any_ten, "bypass", protocol="udp", remote_port=53),
                                 Rule("data", ["10.1.0.0/16"], any_ten, protocol="udp", remote_port=7007)],
                           [Rule("dns", ["10.2.0.0/24"], ["10.1.0.0/24"], "bypass", protocol="udp", local_port=53), *figure1.RULES_B])
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    asked = Udp(figure.h1, plan.h1, 40000, figure.h2, plan.h2, 53)
    lab.check(answered(asked, 3) == 3, "datagrams of the bypass line and their replies pass at once")
    lab.check(bool(in_the_clear(figure.middle.flush(), plan.near, plan.far)), "in the clear")

    sly = Udp(figure.h1, plan.h1, 53, figure.h2, plan.h2, 7007)
    crossing = lab.cross(sly, "a datagram from port 53 of h1 to port 7007 of h2")
    lab.check(crossing.lost >= 1, "the first datagram from port 53 to the protected port is dropped, and a later one is answered")
    figure1.check_tunnel(lab, figure, Selector("10.1.0.0/24", "10.2.0.0/24", "udp", remote_port=(7007, 7007)))
    check_wire(lab, figure, 0)
    before = len(figure.middle.flush())

    def again() -> None:
        answered(sly, 3)
        check_wire(lab, figure, before)
    lab.fails_without("mirrors-for-arrivals", NONE_CLEAR, again, figure.a)

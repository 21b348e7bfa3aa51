"""An exemption in the middle of each end's rule: one tunnel with two lists goes around both."""
from lib import figure1
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Rule
from lib.traffic import Udp, answered

PROVES = "exemptions of both ends cost a list of prefixes, not a tunnel for each piece, and both ends carry exactly that list"
DATAPLANES = (Dataplane.KERNEL,)    # userspace ESP takes one prefix a side
LOCAL = ("10.1.0.0/25", "10.1.0.128/26")     # 10.1.0.0/24 without A's 10.1.0.192/26
REMOTE = ("10.2.0.0/26", "10.2.0.128/25")    # 10.2.0.0/24 without B's 10.2.0.64/26
OTHER_H1, OTHER_H2 = "10.1.0.130", "10.2.0.200"    # in the other piece of either side


def run(lab: Lab) -> None:
    figure = figure1.build(lab, [Rule("printers", ["10.1.0.192/26"], ["10.2.0.0/16"], action="bypass"), Rule("branches", ["10.1.0.0/24"], ["10.0.0.0/8"])],
                           [Rule("voice", ["10.2.0.64/26"], ["10.1.0.0/16"], action="bypass"), Rule("office", ["10.2.0.0/24"], ["10.1.0.0/16"])])
    for host, address in ((figure.h1, OTHER_H1), (figure.h2, OTHER_H2)):
        run_program(["ip", "address", "add", f"{address}/24", "dev", "eth0"], namespace=host.namespace)
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    first = Udp(figure.h1, plan.h1, 40000, figure.h2, plan.h2, 7007)
    crossing = lab.cross(first, "a datagram from h1 to h2")
    lab.check(crossing.lost >= 1, "the first was dropped, and a later one came through")
    agreed = sorted(Selector(local, remote) for local in LOCAL for remote in REMOTE)
    figure.a.wait_selectors(agreed)
    lab.say("gwA's one CHILD_SA is the product of two local and two remote prefixes, and leaves out what either end exempts")
    figure.b.wait_selectors(sorted(selector.mirrored() for selector in agreed))
    figure.a.tedd.wait_tunnels(agreed)
    lab.say("gwB's is the same, mirrored, and tedctl tunnels says so")

    lab.check(answered(Udp(figure.h1, OTHER_H1, 40001, figure.h2, OTHER_H2, 7008), 3) == 3, "a flow between the other pieces uses it at once")
    packets = figure.middle.flush()
    lab.check(not any(packet.kind is Kind.PROBE and packet.ports[0] == 40001 for packet in packets), "without another probe")
    lab.check(bool(encrypted(packets)), "ESP crossed the middle link")
    lab.check(not in_the_clear(packets, plan.near, plan.far), "and not one packet of the flow in the clear")

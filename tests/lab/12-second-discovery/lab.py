"""Another line's flow to a prefix that a tunnel stands to: its probe travels outside, not into the tunnel."""
from lib import figure1
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Kind
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Rule
from lib.traffic import Ping, Tcp, Udp, answered
from lib.wait import wait_for

PROVES = "a tunnel to a prefix does not swallow the probes of later discoveries to it, nor a trace; what the data plane cannot tell apart is refused"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
WEB = Selector("10.1.0.0/24", "10.2.0.0/24", "tcp", remote_port=(443, 443))
BACK = Selector("10.1.0.0/24", "10.2.0.0/24", "udp", remote_port=(7008, 7008))
DATA = Selector("10.1.0.0/24", "10.2.0.0/24", "udp", remote_port=(7007, 7007))
ECHO = Selector("10.1.0.0/24", "10.2.0.0/24", "icmp", (8, 8), (0, 0))
REPLY = Selector("10.1.0.0/24", "10.2.0.0/24", "icmp", (0, 0), (0, 0))


def routing_rules(figure: Figure1) -> list[str]:
    """Ours, of both families."""
    listed = [run_program(["ip", family, "rule", "list", "pref", "219"], namespace=figure.a.node.namespace).stdout for family in ("-4", "-6")]
    return [line for text in listed for line in text.splitlines() if "fwmark 0x3ed lookup main" in line and "proto 84" in line]


def probes(figure: Figure1) -> int:
    return sum(1 for packet in figure.middle.flush() if packet.kind is Kind.PROBE)


def ike_sas(figure: Figure1) -> list[int]:
    """How many each gateway has with the other."""
    return [len(gateway.charon.sas()) for gateway in (figure.a, figure.b)]


def types_of_icmp(lab: Lab, figure: Figure1) -> None:
    """Two rules for one type each, which kernel ESP tells apart and userspace ESP does not."""
    plan, ping = figure.plan, Ping(figure.h1, figure.plan.h2)
    flow, words = f"icmp {plan.h1}:8 > {plan.h2}:0", "sees ports of TCP and UDP only"
    if lab.dataplane is Dataplane.KERNEL:
        lab.cross(ping, "a ping from h1 to h2", 20)
        figure.a.tedd.wait_tunnels([ECHO, REPLY, BACK, DATA, WEB])
        lab.check(answered(ping, 3) == 3 and figure.a.tedd.why(flow)["verdict"] == "protected",
                  "rules for one type of ICMP each: two more tunnels to the same network, which carry pings, as the kernel tells types apart")
        return
    seen: dict[str, object] = {}

    def refused() -> bool:
        ping.attempt(0.05)
        seen.update(figure.a.tedd.why(flow))
        return seen["verdict"] == "failing" and words in str(seen)

    wait_for("why to call pings failing with the reason", refused, 10, lambda: str(seen), every=0.2)
    figure.a.tedd.wait_tunnels([BACK, DATA, WEB])
    figure.b.tedd.wait_tunnels([BACK.mirrored(), DATA.mirrored(), WEB.mirrored()])
    lab.check(figure.a.tedd.counter("tunnels_refused") == figure.b.tedd.counter("tunnels_refused") == 0 and "TED-CONFIG" in figure.a.tedd.log(),
              "rules for one type of ICMP each: refused with the reason, before IKE is asked, as userspace ESP does not tell types apart")


def run(lab: Lab) -> None:
    figure = figure1.build(lab, [Rule("echo", ["10.1.0.0/16"], ["10.0.0.0/8"], protocol="icmp", icmp="8/0"),
                                 Rule("echo-reply", ["10.1.0.0/16"], ["10.0.0.0/8"], protocol="icmp", icmp="0/0"),
                                 Rule("web", ["10.1.0.0/16"], ["10.0.0.0/8"], protocol="tcp", remote_port=443),
                                 Rule("data", ["10.1.0.0/16"], ["10.0.0.0/8"], protocol="udp", remote_port=7007),
                                 Rule("back", ["10.1.0.0/16"], ["10.0.0.0/8"], protocol="udp", remote_port=7008)], figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    web = Tcp(figure.h1, figure.h2, plan.h2, 443)
    lab.cross(web, "a TCP connection from h1 to port 443 of h2", pause=0.15)
    figure.a.wait_selectors([WEB])
    lab.say("a tunnel for the first line stands")
    lab.check(len(routing_rules(figure)) == 2, "tedd's routing rule is there for both families")

    before = probes(figure)
    data = Udp(figure.h1, plan.h1, 40000, figure.h2, plan.h2, 7007)
    crossing = lab.cross(data, "a datagram from h1 to port 7007 of h2")
    lab.check(crossing.lost >= 1 and probes(figure) > before, "a datagram of the second line is dropped, and its probe crosses the middle link")
    figure.a.wait_selectors([DATA, WEB])
    figure.b.wait_selectors([DATA.mirrored(), WEB.mirrored()])
    lab.say("both tunnels stand, each with exactly its intersection")
    lab.check(answered(web, 3) == 3 and answered(data, 3) == 3, "and either flow uses its own")

    lab.check(ike_sas(figure) == [1, 1], "in one IKE_SA, as the same end asked for both", str(ike_sas(figure)))

    before = probes(figure)
    traced = figure.a.tedd.ask("trace", plan.h2, "--from", plan.h1, "--proto", "udp", "--port", "7007")
    lab.check(traced["answered"] and traced["gateway"] == plan.b_wan, "tedctl trace to the same host is answered by gwB", str(traced))
    lab.check(probes(figure) > before, "after a probe on the middle link")
    back = Udp(figure.h2, plan.h2, 7008, figure.h1, plan.h1, 40001)
    lab.cross(back, "a datagram from h2 to h1")
    figure.a.wait_selectors([BACK, DATA, WEB])
    lab.check(ike_sas(figure) == [2, 2], "the other end asks for a third one: there are two IKE_SAs, one of each end's", str(ike_sas(figure)))
    lab.check(answered(web, 3) == 3 and answered(back, 3) == 3, "and each flow uses its own tunnel")
    types_of_icmp(lab, figure)
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)

    figure.a.tedd.kill()
    lab.check(len(routing_rules(figure)) == 2, "after SIGKILL the routing rule stays")
    figure.a.tedd.start()
    lab.check(len(routing_rules(figure)) == 2, "the next tedd takes it over")
    figure.a.tedd.stop()
    lab.check(not routing_rules(figure), "SIGTERM takes it away")

"""A gateway whose outside interface is a bridge's, and one whose interface becomes a bridge's port."""
import re

from lib import figure1, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "discovery, guard and a tunnel through a bridge's interface; one that becomes the port of a bridge is told, and the bridge guarded in its place"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
PLAN = figure1.PLAIN
KEPT_OUT = "and gwB lets nothing of it in that arrives by the bridge"


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", f"{PLAN.h1}/24").route("default", PLAN.a_lan)
    h2 = network.host("h2").address("eth0", f"{PLAN.h2}/24").route("default", PLAN.b_lan)
    a = network.router("gwA").address("lan", f"{PLAN.a_lan}/24").address("br0", f"{PLAN.a_wan}/24").route("default", PLAN.b_wan)
    b = network.router("gwB").address("lan", f"{PLAN.b_lan}/24").address("wan", f"{PLAN.b_wan}/24").route("default", PLAN.a_wan)
    network.link(h1, "eth0", a, "lan")
    network.link(b, "lan", h2, "eth0")
    middle = network.tapped_link("wire", a, "wan", b, "wan")
    a.commands += ["link add name br0 type bridge mcast_snooping 0", "link set wan master br0", "link set br0 up"]
    network.build()
    capture = lab.capture(middle, "left", "middle")
    first = lab.gateway(a, Config([PLAN.a_wan], figure1.RULES_A, interfaces=["br0"]))
    second = lab.gateway(b, Config([PLAN.b_wan], figure1.RULES_B, interfaces=["wan"]))
    lab.start_gateways(first, second)

    lab.cross(Ping(h2, PLAN.h1), "a ping from h2 to h1")
    first.wait_selectors([Selector(PLAN.near, PLAN.far)])
    lab.say("a probe is taken off a bridge, and a tunnel comes up")
    figure1.check_wire(lab, capture.flush(), PLAN.near, PLAN.far)
    lab.check(first.tedd.ask("status")["ports"] == {}, "the bridge itself is no port")

    become_a_port(lab, second)
    # Whoever was asked before is asked anew: the probe has to be taken off the bridge.
    first.tedd.stop()
    first.tedd.start()
    lab.cross(Ping(h1, PLAN.h2), "a ping from h1 to h2")
    first.wait_selectors([Selector(PLAN.near, PLAN.far)])
    lab.say("a probe is taken off it, and a tunnel comes up")
    figure1.check_wire(lab, capture.flush(), PLAN.near, PLAN.far)

    inside = lab.capture(h2, "eth0", "inside")
    first.tedd.stop()
    first.tedd.release()
    lab.check(answered(Ping(h1, PLAN.h2), 5) == 0 and answered(Ping(h2, PLAN.h1), 5) == 0, "with gwA released on purpose no ping is answered")
    came = in_the_clear(capture.flush(), PLAN.near, PLAN.far)
    lab.check(len([one for one in came if str(one.source) == PLAN.h1]) >= 5, "what h1 sends crosses in the clear then")
    lab.check(not [one for one in came if str(one.source) == PLAN.h2], "what h2 sends does not")
    def let_in() -> None:
        before = len(inside.flush())
        answered(Ping(h1, PLAN.h2), 3)
        lab.check(not [one for one in inside.flush()[before:] if str(one.source) == PLAN.h1], KEPT_OUT)
    lab.check(not [one for one in inside.flush() if str(one.source) == PLAN.h1], KEPT_OUT)
    second.tedd.stop()
    second.tedd.release()
    lab.fails("the guard of gwB", KEPT_OUT, let_in)

    second.tedd.start()
    lab.check(second.tedd.ask("status")["ports"] == {"wan": "br0"} and outside_of(second) == {"wan", "br0"}, "so it is from the start on")
    run_program(["ip", "-n", b.namespace, "link", "set", "wan", "nomaster"])
    wait_for("gwB to see that it is none", lambda: second.tedd.ask("status")["ports"] == {} and outside_of(second) == {"wan"}, 2)
    lab.say("no port any more, the bridge is nothing to the guard")


def outside_of(gateway: Gateway) -> set[str]:
    """What the guard takes for interfaces to the outside."""
    return set(re.findall(r'"(\w+)"', re.findall(r"iifname (.*) oifname != .* accept", nft.ruleset(gateway.node, nft.GUARD))[0]))


def become_a_port(lab: Lab, gateway: Gateway) -> None:
    """As somebody would who turns the interface of a running gateway into the port of a bridge."""
    lab.check(outside_of(gateway) == {"wan"}, "gwB's guard knows its interface")

    def ip(words: str) -> None:
        run_program(["ip", "-n", gateway.node.namespace, *words.split()])
    ip("link add name br0 type bridge mcast_snooping 0")
    ip("link set br0 up")
    ip("link set wan master br0")
    wait_for("gwB to tell of its port", lambda: "TED-INTERFACE warning: wan is a port of br0" in gateway.tedd.log(), 2)
    wait_for("the guard to take the bridge in", lambda: outside_of(gateway) == {"wan", "br0"}, 2, every=0.01)
    lab.check(gateway.tedd.ask("status")["ports"] == {"wan": "br0"}, "an interface that becomes a port is told")
    lab.check("name br0 in 'interfaces'" in gateway.tedd.ctl("status").stdout, "with the way out")
    lab.say("and the guard takes the bridge for one of its interfaces to the outside")
    ip(f"addr del {PLAN.b_wan}/24 dev wan")
    ip(f"addr add {PLAN.b_wan}/24 dev br0")
    ip(f"route replace default via {PLAN.a_wan}")

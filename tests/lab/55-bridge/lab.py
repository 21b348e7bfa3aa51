"""A gateway whose outside interface is a bridge's, and one whose interface becomes a bridge's port."""
from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Config
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "discovery and a tunnel through a bridge's interface; one that is the port of a bridge is told, with the way out"
DATAPLANES = (Dataplane.USERSPACE,)
PLAN = figure1.PLAIN


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

    for words in ("add name br0 type bridge", "set wan master br0"):
        run_program(["ip", "-n", b.namespace, "link", *words.split()])
    wait_for("gwB to tell of its port", lambda: "TED-INTERFACE warning: wan is a port of br0" in second.tedd.log(), 2)
    lab.check(second.tedd.ask("status")["ports"] == {"wan": "br0"}, "an interface that becomes a port is told")
    lab.check("name br0 in 'interfaces'" in second.tedd.ctl("status").stdout, "with the way out")
    second.tedd.stop()
    second.tedd.start()
    lab.check(second.tedd.ask("status")["ports"] == {"wan": "br0"}, "and at start")
    run_program(["ip", "-n", b.namespace, "link", "set", "wan", "nomaster"])
    wait_for("gwB to see that it is none", lambda: second.tedd.ask("status")["ports"] == {}, 2)
    lab.say("no port any more, nothing is told")

"""A network that runs is observed before anything is protected, and then protected end by end."""
from dataclasses import replace

from lib import figure1, nft
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.process import run as run_program
from lib.selector import Selector, from_json
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "gateways that only observe leave what passes alone, say what would be protected by whom, and become gateways that protect"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
NOBODY = "10.9.0.10"


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    plan, a, b = figure.plan, figure.a.tedd, figure.b.tedd
    protecting = {a: Config([plan.a_wan], figure1.RULES_A), b: Config([plan.b_wan], figure1.RULES_B)}
    for charon in (figure.a.charon, figure.b.charon):
        charon.stop()
    for tedd, config in protecting.items():
        tedd.write(replace(config, mode="observe"))
        tedd.start()
    status = a.ask("status")
    lab.check((status["mode"], status["state"], status["guard"]) == ("observe", "running", "down"), "without strongSwan and without [ike] gwA observes, and has no guard", str(status))
    lab.check(nft.tables(figure.a.node) == {"opented_observe", nft.INTERCEPTION}, "its only tables are those that copy, and take probes off the wire", str(nft.tables(figure.a.node)))

    ping = Ping(figure.h1, plan.h2)
    lab.check(answered(ping, 5) == 5, "5 of 5 pings cross, the first among them")
    wait_for("gwA to know what would protect them", lambda: a.ask("observe"), 8)
    [one] = a.ask("observe")
    lab.check((one["finding"], one["peer"], one["peer_observes"]) == ("would_protect", plan.b_wan, True), "gwA says who would protect them: gwB, which observes as well", str(one))
    lab.check([from_json(found) for found in one["selectors"]] == [Selector(plan.near, plan.far)], "and the tunnel that would: exactly the intersection", str(one))
    lab.check(not a.ask("tunnels") and not b.ask("tunnels"), "there is no tunnel")
    run_program(["ip", "route", "add", "blackhole", "10.9.0.0/16"], namespace=figure.b.node.namespace)
    ping_nobody = Ping(figure.h1, NOBODY)
    ping_nobody.attempt(0.2)
    wait_for("gwA to know that nobody answers for 10.9.0.10", lambda: [one for one in a.ask("observe") if one["finding"] == "unanswered"], 15)
    lab.say("a destination behind no gateway: nobody would answer for it")
    lab.check("observe" in a.ctl("why", f"icmp {plan.h1}:8 > {plan.h2}:0", check=False).stdout, "tedctl why says that nothing is protected because gwA observes")
    probes = a.counter("probes_sent")
    lab.check(answered(ping, 20) == 20 and a.counter("probes_sent") == probes, "20 more pings, and not one more probe")
    lab.check(in_the_clear(figure.middle.flush(), plan.near, plan.far) != [], "all of it in the clear, as before OpenTED")

    b.stop()
    lab.check(answered(ping, 1) == 1 and not any("opented" in name for name in nft.tables(figure.b.node)), "gwB ends, and nothing stays behind")
    figure.b.charon.start()
    figure.b.charon.wait_ready()
    b.write(protecting[b])
    b.start()
    a.ctl("reload")
    wait_for("gwA to have asked gwB anew", lambda: not answered(ping, 1) and [one for one in a.ask("observe") if one["peer_observes"] is False], 15)
    lab.say("gwB protects now: it answers gwA, which sees that")
    lab.check(b.counter("probes_answered") >= 1 and not b.ask("tunnels"), "without a tunnel that nobody asked for")
    Ping(figure.h2, plan.h1).attempt(0.2)
    wait_for("gwA to let a probe of gwB pass", lambda: a.counter("probes_observing") >= 1, 10)
    lab.say("gwB's own probes gwA does not answer, because a tunnel would be asked for")

    left = figure.a.tedd
    left.stop()
    figure.a.charon.start()
    figure.a.charon.wait_ready()
    left.write(protecting[left])
    left.start()
    lab.cross(ping, "a ping from h1 to h2")
    figure.a.wait_selectors([Selector(plan.near, plan.far)])
    before = len(figure.middle.flush())
    lab.check(answered(ping, 5) == 5, "both protect: 5 of 5 pings")
    packets = figure.middle.flush()[before:]
    lab.check(encrypted(packets) != [] and in_the_clear(packets, plan.near, plan.far) == [], "in ESP, and not one packet in the clear")

    left.stop()
    left.write(replace(protecting[left], mode="observe"))
    refused = left.refused()
    lab.check("tedd --release" in refused, "with a guard that stands it does not begin to observe, and says why", refused)
    lab.check(ping.attempt(0.2) is None, "the guard of before stays")

"""The peer knows versions 1 and 2 only: refused by name where no rule says draft = true, and a tunnel of the merged halves where one does."""
from lib import figure1
from lib.charon import Dataplane
from lib.draft_form import with_draft
from lib.lab import Lab
from lib.selector import Selector
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for
from lib.wireshark import check_dissection

PROVES = "an old responder, made with scapy, and its strongSwan: refused with the reason by default, a tunnel of the merged halves with draft = true"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
NEEDS = ("binaries", "scapy")
NEAR, FAR = "10.1.0.0/16", "10.2.0.0/24"
REASON = "it is in the draft form, which the rule does not take (draft = false)"


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    plan, tedd = figure.plan, figure.a.tedd
    old = lab.old_peer(figure.b, FAR)
    lab.start_gateways(figure.a)
    old.serve(plan.a_wan, NEAR)
    ping = Ping(figure.h1, plan.h2)

    lab.check(answered(ping, 1) == 0, "the first packet is dropped")
    wait_for("gwA to reject the response", lambda: REASON in tedd.log(), 8)
    lab.say("the old peer reads the probe of version 3 and answers in the draft form; gwA refuses that and says why")
    lab.check(old.events("heard")[0]["ids"] == [plan.a_wan, NEAR], "in the probe the old peer found gateway and source half proxy", str(old.events("heard")[0]))
    lab.check(tedd.counter("responses_draft") >= 1, "it is counted as responses_draft")
    trace = tedd.ask("trace", plan.h2)
    lab.check((trace["form"], trace["half_proxy"], trace["proxy"]) == ("draft", FAR, None), "tedctl trace names form and half proxy", str(trace))
    lab.check("draft = false" in trace["reason"], "and says that nothing comes of it", str(trace))
    lab.check(answered(ping, 2) == 0 and not figure.a.selectors(), "there is no tunnel")

    tedd.write(Config([plan.a_wan], with_draft(figure1.RULES_A)))
    tedd.ctl("reload")
    lab.cross(ping, "a ping from h1 to h2")
    lab.say("with draft = true a ping crosses")
    merged = Selector(NEAR, FAR)
    figure.a.wait_selectors([merged])
    tedd.wait_tunnels([merged])
    lab.check(old.charon.selectors() == [merged.mirrored()], "both strongSwans have the merged halves as selectors, to the letter", str(old.charon.sas()))
    lab.check([(peer["address"], peer["form"]) for peer in tedd.ask("peers")] == [(plan.b_wan, "draft")], "tedctl peers says that the peer speaks the draft form")
    lab.check(tedd.counter("responses_draft_accepted") >= 1, "the answer is counted as responses_draft_accepted")
    checks = tedd.counter("responses_draft_accepted")
    wait_for("a check of the tunnel's path to be answered", lambda: tedd.counter("responses_draft_accepted") > checks, 15, every=0.2)
    lab.check(answered(ping, 3) == 3 and figure.a.selectors() == [merged], "the old peer answers the checks of the tunnel's path, and it stays")
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)
    check_dissection(lab, figure.middle, "version 3", "draft")

"""Labs 30 and 31 once more with IPv6 inside and outside: the draft form's other address types, and tunnels of the merged halves."""
from lib import figure1
from lib.charon import Dataplane
from lib.draft_form import check_response, with_draft
from lib.lab import Lab
from lib.selector import Selector
from lib.traffic import Ping, answered
from lib.wireshark import check_dissection

PROVES = "an old responder and an old initiator, made with scapy, with IPv6 hosts and IPv6 gateways: tunnels of the merged halves"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
NEEDS = ("binaries", "scapy", "ipv6")
NEAR, FAR = "2001:db8:1::/48", "2001:db8:2::/64"
HALF_A = "2001:db8:1::/64"                      # all that B protects of it


def old_responder(lab: Lab) -> None:
    figure = figure1.build(lab, with_draft(figure1.RULES_A6), figure1.RULES_B6, figure1.IPV6, name="responder")
    plan, tedd = figure.plan, figure.a.tedd
    old = lab.old_peer(figure.b, FAR)
    lab.start_gateways(figure.a)
    old.serve(plan.a_wan, NEAR)
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    lab.say("an old responder with an IPv6 half: a ping crosses")
    lab.check(old.events("heard")[0]["ids"] == [plan.a_wan, NEAR], "in the probe it found gateway and source half proxy", str(old.events("heard")[0]))
    merged = Selector(NEAR, FAR)
    figure.a.wait_selectors([merged])
    tedd.wait_tunnels([merged])
    lab.check(old.charon.selectors() == [merged.mirrored()], "both strongSwans have the merged halves as selectors, to the letter", str(old.charon.sas()))
    lab.check([(peer["address"], peer["form"]) for peer in tedd.ask("peers")] == [(plan.b_wan, "draft")], "tedctl peers says that the peer speaks the draft form")
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)
    check_dissection(lab, figure.middle, "version 3", "draft")


def old_initiator(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A6, with_draft(figure1.RULES_B6), figure1.IPV6, name="initiator")
    plan, tedd = figure.plan, figure.b.tedd
    old = lab.old_peer(figure.a, HALF_A)
    lab.start_gateways(figure.b)
    old.charon.wait_ready()
    probe, response, merged = old.ask(plan.h1, plan.h2, 40000)
    lab.check(response is not None, "an old initiator with an IPv6 half is answered")
    assert response and merged
    check_response(lab, old, probe, response, plan.b_wan, FAR)
    lab.check(response["bytes"] == 92, "which take 92 bytes", str(response["bytes"]))
    lab.check(tedd.counter("probes_draft_answered") == 1, "it is counted as probes_draft_answered")
    lab.check(merged.inside, "the old peer finds its packet in the merged halves")
    wanted = Selector(merged.local, merged.remote)
    got = old.propose(merged)
    lab.check(got == [wanted], "its strongSwan gets what it proposes, to the letter", str(got))
    tedd.wait_tunnels([wanted.mirrored()])
    lab.say("and gwB takes the tunnel in")
    ping = Ping(figure.h1, plan.h2)
    lab.cross(ping, "a ping through the tunnel")
    lab.check(answered(ping, 3) == 3, "pings cross")
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)
    check_dissection(lab, figure.middle, "draft")


def run(lab: Lab) -> None:
    old_responder(lab)
    old_initiator(lab)

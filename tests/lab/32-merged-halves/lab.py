"""The case that version 3 was made for: both ends restrict the other one's side, merged half proxies fail, and the intersection does not."""
from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.draft_form import with_draft
from lib.lab import Lab
from lib.selector import Selector
from lib.tedd import Config, Rule
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "policies whose merged half proxies real strongSwan does not take as proposed, and whose version 3 tunnel comes up"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "scapy")

# The responder restricts the source: A's half is wider than what B protects of it.
RULES_A, RULES_B = figure1.RULES_A, figure1.RULES_B
HALF_A, HALF_B, SOURCES_OF_B = "10.1.0.0/16", "10.2.0.0/24", "10.1.0.0/24"
# The initiator restricts the destination: B's half is wider than what A protects of it.
NARROW_A = [Rule("branches", [HALF_A], ["10.2.0.0/25"])]


def two_old_peers(lab: Lab) -> None:
    figure = figure1.build(lab, RULES_A, RULES_B, name="two-old")
    plan = figure.plan
    asker, answerer = lab.old_peer(figure.a, HALF_A), lab.old_peer(figure.b, HALF_B)
    asker.charon.wait_ready()
    answerer.serve(plan.a_wan, SOURCES_OF_B)
    _, response, merged = asker.ask(plan.h1, plan.h2, 40000)
    assert response and merged
    lab.check((merged.local, merged.remote, merged.inside) == (HALF_A, HALF_B, True), "two old peers: the halves merge, and the packet is inside", str(merged))
    got = asker.propose(merged)
    lab.check(got == [Selector(SOURCES_OF_B, HALF_B)], "gwB's strongSwan does not take the merged proxies: it gives less than was proposed", str(got))
    lab.check(not asker.charon.selectors(), "to gwA a proposal is all or nothing, as in IKEv1's Quick Mode: there is no tunnel")


def draft_form(lab: Lab) -> None:
    figure = figure1.build(lab, with_draft(RULES_A), RULES_B, name="draft")
    plan, tedd = figure.plan, figure.a.tedd
    old = lab.old_peer(figure.b, HALF_B)
    lab.start_gateways(figure.a)
    old.serve(plan.a_wan, SOURCES_OF_B)
    ping = Ping(figure.h1, plan.h2)
    lab.check(answered(ping, 1) == 0, "tedd and an old peer, the responder restricts the source: the first packet is dropped")
    told = f"the peer narrowed the selectors; proposed any {HALF_A} > {HALF_B}"
    wait_for("gwA to tell that the merged proxies were not taken", lambda: told in tedd.log(), 15)
    lab.say("gwA tells that the merged proxies were not taken as proposed, and takes the tunnel down")
    lab.check(tedd.counter("discoveries_ike_failed") >= 1, "it is counted as discoveries_ike_failed")

    tedd.write(Config([plan.a_wan], with_draft(NARROW_A)))
    tedd.ctl("reload")
    lab.check(answered(ping, 1) == 0, "the initiator restricts the destination: the first packet is dropped")
    refused = f"the merged proxies any {HALF_A} > {HALF_B} are not all this gateway's to protect: rule 'branches' protects any {HALF_A} > 10.2.0.0/25"
    wait_for("gwA to refuse the merged proxies", lambda: refused in tedd.log(), 8)
    lab.say("gwA finds the merged proxies beyond its own rule before any IKE, and names it")
    lab.check(tedd.counter("discoveries_disagreed") >= 1, "it is counted as discoveries_disagreed")
    lab.check(answered(ping, 2) == 0 and not tedd.tunnel_selectors(), "there is no tunnel")
    lab.check(not in_the_clear(figure.middle.flush(), plan.near, plan.far), "not one packet of the flow crossed in the clear")


def version_3(lab: Lab, rules_a: list[Rule], agreed: Selector, what: str) -> None:
    figure = figure1.build(lab, with_draft(rules_a), with_draft(RULES_B), name=what.replace(" ", "-"))
    plan = figure.plan
    lab.start_gateways(figure.a, figure.b)
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    lab.say(f"the same policies in version 3, {what}: a ping crosses")
    figure1.check_tunnel(lab, figure, agreed)
    lab.check(figure.b.tedd.counter("probes_draft_answered") == 0, "the draft form is not preferred: both rules take it, and neither end used it")
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)


def run(lab: Lab) -> None:
    two_old_peers(lab)
    draft_form(lab)
    version_3(lab, RULES_A, Selector(SOURCES_OF_B, HALF_B), "the responder restricts the source")
    version_3(lab, NARROW_A, Selector(SOURCES_OF_B, "10.2.0.0/25"), "and the initiator the destination")

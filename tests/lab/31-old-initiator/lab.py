"""The peer that asks knows versions 1 and 2 only: its probe travels on by default, and is answered with a half proxy where a rule says draft = true."""
from lib import figure1
from lib.charon import Dataplane
from lib.draft_form import check_response, with_draft
from lib.lab import Lab
from lib.old_peer import OldPeer
from lib.packets import Kind, Packet
from lib.selector import Selector
from lib.tedd import Config
from lib.traffic import Ping, answered

PROVES = "an old initiator, made with scapy: its probe travels on by default, is answered with draft = true, and what it merges becomes the tunnel"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "scapy")
NEAR, FAR = "10.1.0.0/24", "10.2.0.0/24"
PORT = 40000


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    plan, tedd = figure.plan, figure.b.tedd
    old = lab.old_peer(figure.a, NEAR)
    behind = lab.capture(figure.h2, "eth0", "behind")
    lab.start_gateways(figure.b)
    old.charon.wait_ready()

    probe, response, _ = old.ask(plan.h1, plan.h2, PORT)
    lab.check(response is None, "by default the old peer's probe is not answered")

    def same(packet: Packet) -> bool:
        return packet.kind is Kind.PROBE and packet.datagram[:8].hex() == probe["icookie"]
    passed = behind.wait("the probe", same)
    sent = figure.middle.wait("the probe", same)
    lab.check(passed.untouched_part() == sent.untouched_part() and passed.ttl == sent.ttl - 1, "it travels on as it came, TTL one less")
    lab.check(tedd.counter("probes_draft") == 1, "and is counted as probes_draft")

    tedd.write(Config([plan.b_wan], with_draft(figure1.RULES_B)))
    tedd.ctl("reload")
    wide = OldPeer(old.node, old.charon, old.gateway, "10.1.0.0/16", lab.folder)
    _, response, _ = wide.ask(plan.h1, plan.h2, PORT)
    lab.check(response is None and tedd.counter("probes_draft_undecided") == 1,
              "with draft = true one whose half proxy reaches beyond the rule still travels on, as probes_draft_undecided")
    probe, response, merged = old.ask(plan.h1, plan.h2, PORT)
    lab.check(response is not None, "one whose half proxy the rule protects is answered")
    assert response and merged
    check_response(lab, old, probe, response, plan.b_wan, FAR)
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

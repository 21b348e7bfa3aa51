"""The peer that asks knows versions 1 and 2 only: its probe travels on by default, and is answered with a half proxy where a rule says draft = true."""
from dataclasses import replace

from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.old_peer import Fields, OldPeer
from lib.packets import Kind, Packet
from lib.selector import Selector
from lib.tedd import Config
from lib.traffic import Ping, answered

PROVES = "an old initiator, made with scapy: its probe travels on by default, is answered with draft = true, and what it merges becomes the tunnel"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "scapy")
NEAR, FAR = "10.1.0.0/24", "10.2.0.0/24"
PORT = 40000


def check_fields(lab: Lab, old: OldPeer, probe: Fields, response: Fields, responder: str) -> None:
    """By scapy's reading, which is not ours."""
    ends = (response["source"], response["destination"], response["ports"])
    lab.check(ends == (responder, old.gateway, [500, 500]), "the response went from gateway to gateway, port 500 to 500", str(ends))
    header = [response[key] for key in ("version", "exchange", "flags", "message_id")]
    lab.check(header == [0x10, 241, 0, 0], "version 1.0, exchange 241, no flags, message ID 0", str(header))
    lab.check(response["icookie"] == probe["icookie"] and int(response["rcookie"], 16) != 0, "the probe's cookie, and one of its own")
    lengths = [response[key] for key in ("length", "bytes", "read")]
    lab.check(len(set(lengths)) == 1 and lengths[0] <= probe["bytes"], "its length is what came and what its payloads need, and no more than the probe's", str(lengths))
    lab.check(response["ids"] == [responder, FAR] and response["other_payloads"] == 0, "two IDs and nothing else: the gateway and its half proxy", str(response))
    lab.check(response["protocols_and_ports"] == [[0, 0], [0, 0]], "without protocol and port")


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

    tedd.write(Config([plan.b_wan], [replace(rule, draft=True) for rule in figure1.RULES_B]))
    tedd.ctl("reload")
    wide = OldPeer(old.node, old.charon, old.gateway, "10.1.0.0/16", lab.folder)
    _, response, _ = wide.ask(plan.h1, plan.h2, PORT)
    lab.check(response is None and tedd.counter("probes_draft_undecided") == 1,
              "with draft = true one whose half proxy reaches beyond the rule still travels on, as probes_draft_undecided")
    probe, response, merged = old.ask(plan.h1, plan.h2, PORT)
    lab.check(response is not None, "one whose half proxy the rule protects is answered")
    assert response and merged
    check_fields(lab, old, probe, response, plan.b_wan)
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

"""Discovery signed with the gateways' certificates: who claims another's network is refused before any IKE, and is not without signatures."""
from dataclasses import replace

from lib import figure1
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Kind
from lib.pki import Authority, Certificates
from lib.tedd import Config
from lib.traffic import Ping
from lib.wait import wait_for
from lib.wireshark import check_dissection

PROVES = "signed discovery: both ends know each other before IKE, and a valid certificate does not get the answer for networks that it has not"
DATAPLANES = (Dataplane.USERSPACE,)

LONGEST = 1400


def start(figure: Figure1, of_a: Certificates, of_b: Certificates, sign: bool | None = True, keys: list[str] | None = None, b_signs: bool = True) -> None:
    plan = figure.plan
    for gateway, own, rules, given in ((figure.a, plan.a_wan, figure1.RULES_A, of_a), (figure.b, plan.b_wan, figure1.RULES_B, of_b)):
        if ":" in own:
            rules = figure1.RULES_A6 if gateway is figure.a else figure1.RULES_B6
        gateway.tedd.stop()
        signs = sign if gateway is figure.a or b_signs else None
        gateway.tedd.write(Config([own], rules, certificates=given, sign=signs, discovery_keys=keys))
        gateway.tedd.start()


def longest(figure: Figure1) -> int:
    """Of the datagrams of discovery, with their headers."""
    header = 48 if ":" in figure.plan.h1 else 28
    return max(len(packet.datagram) + header for packet in figure.middle.flush() if packet.kind in (Kind.PROBE, Kind.RESPONSE))


def ike_seen(figure: Figure1) -> int:
    return len([packet for packet in figure.middle.flush() if packet.kind is Kind.IKE])


def finds(lab: Lab, figure: Figure1, what: str) -> None:
    plan = figure.plan
    trace = figure.a.tedd.ask("trace", plan.h2, "--from", plan.h1)
    lab.check(trace["answered"] and trace["proof"] == "signature of gw-b.example" and trace["tunnel"], f"{what}: a trace says who answers, by its certificate", str(trace))
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    lab.check(figure.b.tedd.counter("probes_proven") > 0 and figure.a.tedd.counter("responses_proven") > 0, "probe and answer were authenticated, and a tunnel carries the ping")
    lab.check(longest(figure) <= LONGEST, f"no datagram of it was longer than {LONGEST} bytes, headers included", str(longest(figure)))



def run(lab: Lab) -> None:
    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8", "2001:db8::/32"])
    plan = figure1.PLAIN
    of_a = authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"])
    of_b = authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"], key="ed25519")
    thief = authority.gateway("gw-c.example", plan.b_wan, ["10.3.0.0/16"])
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(of_a, of_b))
    for gateway in (figure.a, figure.b):
        gateway.charon.wait_ready()
    start(figure, of_a, of_b)
    finds(lab, figure, "signed")
    figure1.check_tunnel(lab, figure, figure.agreed)

    start(figure, of_a, of_b, keys=["one discovery key for all gateways"])
    lab.cross(Ping(figure.h1, plan.h2), "a ping with key and signature")
    peers = figure.a.tedd.ask("peers")
    lab.check(peers[0]["proof"] == "signature of gw-b.example, keyed hash", "with a key beside the certificate both prove the peer", str(peers))

    start(figure, of_a, thief)
    before = ike_seen(figure)
    Ping(figure.h1, plan.h2).attempt(0.05)
    wait_for("a refused answer", lambda: figure.a.tedd.counter("responses_unauthorised") > 0, 8)
    wait_for("a hold-down that names it", lambda: figure.a.tedd.held_down("may speak for 10.3.0.0/16 only"), 8, every=0.2)
    lab.say("a gateway whose certificate is for another network is refused, and tedctl pending says for which")
    lab.check(ike_seen(figure) == before, "before any IKE")

    start(figure, of_a, thief, keys=["one discovery key for all gateways"], b_signs=False)
    Ping(figure.h1, plan.h2).attempt(0.05)
    wait_for("a refused answer", lambda: figure.a.tedd.counter("responses_unproven") > 0, 8)
    wait_for("a hold-down that says so", lambda: figure.a.tedd.held_down("does not sign"), 8, every=0.2)
    lab.check(ike_seen(figure) == before, "that it knows the discovery key and leaves its signature out does not help it")

    start(figure, replace(of_a, excess="narrow"), replace(thief, excess="narrow"))
    Ping(figure.h1, plan.h2).attempt(0.05)
    wait_for("a hold-down", lambda: figure.a.tedd.held_down(), 8, every=0.2)
    lab.check(ike_seen(figure) == before, "with excess = narrow nothing is left of its offer, and there is no IKE either")

    start(figure, of_a, thief, sign=None)
    Ping(figure.h1, plan.h2).attempt(0.05)
    wait_for("IKE with it", lambda: ike_seen(figure) > before, 8)
    lab.say("without signatures the same gateway is answered, and found out only in IKE")

    plan6 = figure1.IPV6
    six = figure1.build(lab, figure1.RULES_A6, figure1.RULES_B6, plan6, name="middle6",
                        certificates=(authority.gateway("gw-a6.example", plan6.a_wan, ["2001:db8:1::/48"]),
                                      authority.gateway("gw-b6.example", plan6.b_wan, ["2001:db8:2::/48"])))
    for gateway in (six.a, six.b):
        gateway.charon.wait_ready()
    start(six, authority.gateway("gw-a6.example", plan6.a_wan, ["2001:db8:1::/48"], place="-2"),
          authority.gateway("gw-b6.example", plan6.b_wan, ["2001:db8:2::/48"], place="-2"), keys=["one discovery key for all gateways"])
    lab.cross(Ping(six.h1, plan6.h2), "a ping of IPv6")
    lab.check(longest(six) <= LONGEST, f"in IPv6 the longest datagram is no longer than {LONGEST} bytes either", str(longest(six)))
    check_dissection(lab, six.middle, "version 3")

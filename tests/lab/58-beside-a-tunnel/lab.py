"""Flows that policy leaves in the clear, between networks of which a narrow tunnel carries others."""
from __future__ import annotations

from lib import figure1, nft
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1, Plan
from lib.lab import Lab
from lib.packets import UDP, Packet
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Rule
from lib.topology import Node
from lib.traffic import Flow, Ping, Tcp, Udp, answered
from lib.wait import wait_for

PROVES = "userspace ESP takes what its tunnels carry and no more: what policy leaves in the clear between the same networks crosses, and is answered"
DATAPLANES = (Dataplane.USERSPACE,)      # the kernel's ESP takes its own flows only
NEEDS = ("binaries", "ipv6")
PROTECTED = 7007
MARK = 0x5
FAMILIES = {"IPv4": figure1.PLAIN, "IPv6": figure1.IPV6}


def ip(node: Node, *words: str) -> str:
    return run_program(["ip", *words], namespace=node.namespace).stdout


def rules(node: Node) -> int:
    """The routing rules of both families that have the guard's mark leave out strongSwan's table: two in each."""
    listed = "".join(ip(node, family, "rule", "list") for family in ("-4", "-6"))
    return listed.count("218:\tfrom all fwmark 0x40000000/0x40000000 goto 221 proto 84") + listed.count("221:\tfrom all nop proto 84")


def is_protected(packet: Packet) -> bool:
    return packet.protocol == UDP and PROTECTED in packet.ports


def clear_flows(figure: Figure1, plan: Plan) -> dict[str, Flow]:
    """Forwarded, and of the gateways' own addresses inside, in either direction."""
    h1, h2, a, b = figure.h1, figure.h2, figure.a.node, figure.b.node
    return {"forwarded UDP to another port": Udp(h1, plan.h1, 40001, h2, plan.h2, 7008),
            "forwarded TCP": Tcp(h1, h2, plan.h2, 7009),
            "forwarded ICMP, from the other side": Ping(h2, plan.h1),
            "UDP of gwA's own": Udp(a, plan.a_lan, 40002, h2, plan.h2, 7010),
            "ICMP of gwA's own, which names no source": Ping(a, plan.h2),
            "UDP from h1 to gwB's own": Udp(h1, plan.h1, 40003, b, plan.b_lan, 7011),
            "UDP of gwB's own to gwA's": Udp(b, plan.b_lan, 40004, a, plan.a_lan, 7012)}


def cross(lab: Lab, family: str, plan: Plan) -> tuple[Figure1, Udp]:
    near, far = [plan.near], [plan.far]
    figure = figure1.build(lab, [Rule("service", near, far, protocol="udp", remote_port=PROTECTED)],
                           [Rule("service", far, near, protocol="udp", local_port=PROTECTED)], plan, f"middle-{family}")
    for gateway in (figure.a, figure.b):
        # Somebody else's mark, and whether it leaves as it came: but for the bit that is theirs no longer.
        nft.load(gateway.node, f"""table inet theirs {{
            chain pre {{ type filter hook prerouting priority mangle; iifname "lan" meta mark set {MARK}; }}
            chain post {{ type filter hook postrouting priority mangle; iifname "lan" oifname "wan" meta mark {MARK} counter comment "as it was"
                iifname "lan" oifname "wan" meta mark != {MARK} counter comment "changed"
            }}
        }}""")
    lab.start_gateways(figure.a, figure.b)
    protected = Udp(figure.h1, plan.h1, 40000, figure.h2, plan.h2, PROTECTED)
    lab.cross(protected, "a datagram to the protected port")
    agreed = Selector(plan.near, plan.far, "udp", remote_port=(PROTECTED, PROTECTED))
    figure.a.wait_selectors([agreed])
    figure.a.tedd.wait_tunnels([agreed])
    lab.say(f"{family}: the tunnel carries one port of UDP and no more")

    before = len(in_the_clear(figure.middle.flush(), plan.near, plan.far))
    for what, flow in clear_flows(figure, plan).items():
        lab.check(answered(flow, 3) == 3, f"{family}: {what} is answered at once, beside the tunnel")
    lab.check(answered(protected, 3) == 3, f"{family}: and the tunnel goes on")
    packets = figure.middle.flush()
    lab.check(len(in_the_clear(packets, plan.near, plan.far)) - before >= 7 * 6, f"{family}: they crossed in the clear")
    lab.check(bool(encrypted(packets)) and not in_the_clear(packets, plan.near, plan.far, is_protected),
              f"{family}: and of the protected port nothing did")
    theirs = nft.ruleset(figure.a.node, "theirs")
    lab.check('comment "as it was"' in theirs and 'counter packets 0 bytes 0 comment "changed"' in theirs
              and 'counter packets 0 bytes 0 comment "as it was"' not in theirs, f"{family}: marks of others leave as they were", theirs)
    return figure, protected


def beside_another(lab: Lab, figure: Figure1, plan: Plan, family: str, protected: Udp) -> None:
    """Another VPN takes what is for the far network by a routing rule, as wg-quick does, and its rule is behind ours."""
    node, flow, option = figure.a.node, Udp(figure.h1, plan.h1, 40005, figure.h2, plan.h2, 7014), "-4" if family == "IPv4" else "-6"
    lab.check(answered(flow, 3) == 3, f"{family}: without another VPN a flow beside the tunnel crosses")
    ip(node, "link", "add", "vpn0", "type", "veth", "peer", "name", "vpn1")
    for end in ("vpn0", "vpn1"):
        ip(node, "link", "set", end, "up")
    ip(node, option, "route", "add", "default", "dev", "vpn0", "table", "51820")
    ip(node, option, "rule", "add", "pref", "300", "to", plan.far, "lookup", "51820")
    nft.load(node, """table inet vpn { chain post { type filter hook postrouting priority mangle; oifname "vpn0" udp dport 7014 counter comment "taken"
    }\n}""")
    before = len(in_the_clear(figure.middle.flush(), plan.near, plan.far))
    lab.check(answered(flow, 3) == 0 and answered(protected, 3) == 3, f"{family}: another VPN's rule behind ours takes it, and leaves the tunnel what is its own")
    lab.check('counter packets 0 bytes 0 comment "taken"' not in nft.ruleset(node, "vpn"), f"{family}: by that VPN's interface")
    lab.check(len(in_the_clear(figure.middle.flush(), plan.near, plan.far)) == before, f"{family}: and nothing of it crosses in the clear")
    ip(node, option, "rule", "delete", "pref", "300")
    ip(node, "link", "delete", "vpn0")
    lab.check(answered(flow, 3) == 3, f"{family}: when that VPN ends it crosses as before")


def disturb(lab: Lab, figure: Figure1, plan: Plan, flow: Flow, protected: Udp) -> None:
    """Others delete what keeps flows beside the tunnel; tedd ends."""
    a = figure.a
    for pref, what in ((218, "of the guard's mark"), (221, "where it goes on"), (219, "of what tedd sends")):
        for family in ("-4", "-6"):
            told = a.tedd.log().count("TED-ROUTING-RESTORED")
            ip(a.node, family, "rule", "delete", "pref", str(pref))
            wait_for("the rule to be put back", lambda told=told: a.tedd.log().count("TED-ROUTING-RESTORED") > told, 5, a.tedd.logs)
        lab.check(f"somebody deleted routing rule {pref}" in a.tedd.log() and rules(a.node) == 4, f"the rules {what} are put back when others delete them, and told")
    count = a.tedd.counter("guard_restored")
    run_program(["nft", "flush", "ruleset"], namespace=a.node.namespace)
    wait_for("the guard to be put back", lambda: a.tedd.counter("guard_restored") > count, 8)
    lab.check(answered(flow, 3) == 3 and answered(protected, 3) == 3, "after nft flush ruleset both cross as before")
    a.tedd.kill()
    lab.check(rules(a.node) == 4 and answered(flow, 3) == 3 and answered(protected, 3) == 3, "after kill -9 of tedd, too")
    a.tedd.start()
    wait_for("the tunnel to be adopted", a.tedd.tunnel_selectors, 8, a.tedd.logs)
    lab.check(answered(flow, 3) == 3 and answered(protected, 3) == 3, "and after its new start")
    lab.check(not in_the_clear(figure.middle.flush(), plan.near, plan.far, is_protected), "and all the while nothing of the protected port crossed in the clear")
    a.tedd.stop()
    lab.check(rules(a.node) == 0, "a tedd that ends takes its rules with it")
    lab.check(answered(flow, 3) == 3 and answered(protected, 3) == 0, "what policy leaves in the clear goes on, what it protects does not")


def run(lab: Lab) -> None:
    for family, plan in FAMILIES.items():
        figure, protected = cross(lab, family, plan)
        lab.check(rules(figure.a.node) == 4, f"{family}: by two routing rules of each family")
        beside_another(lab, figure, plan, family, protected)
        if family == "IPv4":
            disturb(lab, figure, plan, Udp(figure.h1, plan.h1, 40009, figure.h2, plan.h2, 7013), protected)

"""Somebody's firewall makes a flowtable; tedd says so at once."""
from lib import figure1, nft
from lib.charon import Dataplane
from lib.lab import Lab
from lib.process import run as run_program
from lib.topology import Node
from lib.traffic import Ping, Udp, answered
from lib.wait import wait_for

PROVES = "a flowtable is told when it comes, when it goes, and at start, in log and status; the documented lines keep protected flows out of it"
DATAPLANES = (Dataplane.KERNEL,)
# The lines of docs/firewall.md, with this network's names.
TABLE = """table inet fast {
	set protected4 {
		type ipv4_addr
		flags interval
		elements = { 10.1.0.0/16, 10.2.0.0/16 }
	}
	set protected6 {
		type ipv6_addr
		flags interval
		elements = { 2001:db8:1::/48, 2001:db8:2::/48 }
	}
	flowtable f {
		hook ingress priority filter
		devices = { lan, wan }
	}
	chain to_flowtable {
		ip saddr @protected4 ip daddr @protected4 return
		ip6 saddr @protected6 ip6 daddr @protected6 return
		ct state established flow add @f
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		jump to_flowtable
	}
}
"""
NAME = "inet fast f (lan, wan)"


def connections(node: Node) -> str:
    """What conntrack knows; a flow in a flowtable has a mark in it."""
    return run_program(["cat", "/proc/net/nf_conntrack"], namespace=node.namespace).stdout


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    lab.cross(Ping(figure.h1, figure.plan.h2), "a ping from h1 to h2")
    tedd, node = figure.a.tedd, figure.a.node
    lab.check(tedd.ask("status")["flowtables"] == [], "no flowtable, none told")

    nft.load(node, TABLE)
    wait_for("tedd to tell of the flowtable", lambda: f"flowtable {NAME}: flows in it pass neither" in tedd.log(), 1)
    lab.say("a flowtable that comes is told at once, with its name and devices")
    lab.check(tedd.ask("status")["flowtables"] == [NAME], "status names it")
    lab.check("keep protected networks out of it" in tedd.ctl("status").stdout, "and says the way out")
    kept_out = Udp(figure.h1, figure.plan.h1, 4000, figure.h2, figure.plan.h2, 7000)
    lab.check(answered(kept_out, 5) == 5 and "[OFFLOAD]" not in connections(node), "a protected flow crosses, and is kept out of it")
    nft.load(node, "flush chain inet fast to_flowtable\nadd rule inet fast to_flowtable ct state established flow add @f\n")
    put_in = Udp(figure.h1, figure.plan.h1, 4001, figure.h2, figure.plan.h2, 7001)
    lab.check(answered(put_in, 5) == 5 and "[OFFLOAD]" in connections(node), "without the lines that keep it out it is put in")
    lab.check(tedd.counter("guard_restored") == 0, "somebody else's table is no damage to ours")

    run_program(["nft", "delete", "table", "inet", "fast"], namespace=node.namespace)
    wait_for("tedd to tell that it is gone", lambda: f"flowtable {NAME} is gone" in tedd.log(), 1)
    lab.check(tedd.ask("status")["flowtables"] == [], "gone, it is told as well")

    tedd.stop()
    nft.load(node, TABLE)
    tedd.start()
    lab.check(tedd.ask("status")["flowtables"] == [NAME], "one that was there before tedd is told at its start")

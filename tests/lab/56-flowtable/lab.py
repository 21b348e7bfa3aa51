"""Somebody's firewall makes a flowtable; tedd says so at once."""
from lib import figure1, nft
from lib.charon import Dataplane
from lib.lab import Lab
from lib.process import run as run_program
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "a flowtable is told within a second when it comes and when it goes, in log, status and metrics, and also at start"
DATAPLANES = (Dataplane.KERNEL,)
TABLE = """table inet fast {
	flowtable f { hook ingress priority 0; devices = { lan, wan }; }
	chain forward { type filter hook forward priority 0; ct state established flow add @f; }
}
"""
NAME = "inet fast f (lan, wan)"


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    lab.cross(Ping(figure.h1, figure.plan.h2), "a ping from h1 to h2")
    tedd, node = figure.a.tedd, figure.a.node
    lab.check(tedd.ask("status")["flowtables"] == [], "no flowtable, none told")

    nft.load(node, TABLE)
    wait_for("tedd to tell of the flowtable", lambda: f"flowtable {NAME}: flows in it pass neither" in tedd.log(), 1)
    lab.say("a flowtable that comes is told within a second, with its name and devices")
    lab.check(tedd.ask("status")["flowtables"] == [NAME], "status names it")
    lab.check("keep protected networks out of it" in tedd.ctl("status").stdout, "and says the way out")
    lab.check(tedd.counter("guard_restored") == 0, "somebody else's table is no damage to ours")

    run_program(["nft", "delete", "table", "inet", "fast"], namespace=node.namespace)
    wait_for("tedd to tell that it is gone", lambda: f"flowtable {NAME} is gone" in tedd.log(), 1)
    lab.check(tedd.ask("status")["flowtables"] == [], "gone, it is told as well")

    tedd.stop()
    nft.load(node, TABLE)
    tedd.start()
    lab.check(tedd.ask("status")["flowtables"] == [NAME], "one that was there before tedd is told at its start")

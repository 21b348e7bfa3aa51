"""A gateway's certificate is revoked: its tunnel goes at the next reload, and no other comes."""
from dataclasses import replace

from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.pki import Authority
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "a revoked certificate: the standing tunnel goes at a reload with the list, and none comes from either side"
DATAPLANES = (Dataplane.USERSPACE,)


def refused_by_ike(figure: Figure1) -> bool:
    return any("auth_failed" in str(entry) for entry in figure.b.tedd.held_down())


def run(lab: Lab) -> None:
    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8"])
    plan = figure1.PLAIN
    of_a = authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"])
    of_b = authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"])
    authority.revoke()
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(replace(of_a, crl=[authority.crl]), of_b))
    lab.start_gateways(figure.a, figure.b)
    there, back = Ping(figure.h1, plan.h2), Ping(figure.h2, plan.h1)
    lab.cross(there, "a ping from h1 to h2")
    figure.a.tedd.wait_tunnels([figure.agreed])
    lab.say("with a list that names nobody the tunnel stands")

    authority.revoke(of_b)
    figure.a.tedd.ctl("reload")
    figure.a.tedd.wait_tunnels([])
    lab.say("gwB is revoked: a reload takes the tunnel down")
    log = figure.a.tedd.log()
    lab.check("TED-TUNNEL-UNAUTHORISED" in log and "CN=gw-b.example has been revoked by CN=Example CA" in log, "and gwA says why")
    lab.check(answered(there, 3) == 0, "no ping crosses from h1")
    wait_for("gwA to hold down", lambda: figure.a.tedd.held_down(), 15, every=0.2)
    figure.b.tedd.ctl("forget", plan.a_wan, check=False)
    wait_for("gwB to be refused by gwA's IKE", lambda: answered(back, 1) == 0 and refused_by_ike(figure), 15, every=0.2)
    lab.say("nor from h2: gwB is refused in IKE")
    lab.check(not figure.a.tedd.tunnel_selectors(), "gwA has no tunnel")
    figure.b.tedd.write(Config([plan.b_wan], figure1.RULES_B, certificates=replace(of_b, crl=[authority.crl])))
    reload = figure.b.tedd.ctl("reload", check=False)
    lab.check(reload.returncode == 1 and "that is this gateway's own certificate" in reload.stdout + reload.stderr,
              "gwB itself refuses to load the list that names it, and says what to do", reload.stdout + reload.stderr)
    lab.check(not in_the_clear(figure.middle.flush(), plan.near, plan.far), "not one packet of the flow crossed in the clear")

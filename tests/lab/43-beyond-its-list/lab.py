"""Who may speak for what comes from gwA's own list, for certificates that have no address blocks."""
from dataclasses import replace

from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.pki import Authority, Certificates
from lib.selector import Selector
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "without address blocks a peer speaks for what [[peer]] gives its identity: nothing, the claim, or the part of it"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)


def told(lab: Lab, figure: Figure1, certificates: Certificates, peers: dict[str, list[str]], excess: str | None = None) -> None:
    """gwA learns another list; what failed before is forgotten."""
    given = replace(certificates, peers=peers, excess=excess)
    figure.a.tedd.write(Config([figure.plan.a_wan], figure1.RULES_A, certificates=given))
    figure.a.tedd.ctl("reload")
    figure.a.tedd.ctl("forget", figure.plan.b_wan, check=False)
    figure.b.tedd.ctl("forget", figure.plan.a_wan, check=False)


def refused(lab: Lab, figure: Figure1, words: str, claim: str) -> None:
    there = Ping(figure.h1, figure.plan.h2)
    before = figure.a.tedd.counter("tunnels_unauthorised")
    wait_for("gwA to refuse gwB's claim", lambda: answered(there, 1) == 0 and figure.a.tedd.counter("tunnels_unauthorised") > before
             and words in figure.a.tedd.log(), 20, every=0.2)
    lab.check(not figure.a.tedd.tunnel_selectors() and answered(there, 2) == 0, claim)


def run(lab: Lab) -> None:
    authority = Authority(lab.folder, "Example CA")
    plan = figure1.PLAIN
    of_a, of_b = (authority.gateway(name, address) for name, address in (("gw-a.example", plan.a_wan), ("gw-b.example", plan.b_wan)))
    of_b = replace(of_b, excess="narrow", peers={"gw-a.example": ["10.1.0.0/16"]})
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(of_a, of_b))
    lab.start_gateways(figure.a, figure.b)
    there = Ping(figure.h1, plan.h2)
    refused(lab, figure, "no [[peer]] names it", "in no list gwB speaks for nothing, whatever its certificate is worth")
    told(lab, figure, of_a, {"gw-b.example": ["10.3.0.0/16"]})
    refused(lab, figure, "may speak for 10.3.0.0/16 only (the [[peer]] that names it)", "listed with another network it is refused")
    told(lab, figure, of_a, {"gw-c.example": ["10.0.0.0/8"], "gw-b.example": ["10.2.0.0/25"]})
    refused(lab, figure, "may speak for 10.2.0.0/25 only", "a claim of more than the list gives is refused whole")
    told(lab, figure, of_a, {"gw-b.example": ["10.2.0.0/25"]}, "narrow")
    lab.cross(there, "a ping from h1 to h2", 20)
    narrow = Selector(plan.near, "10.2.0.0/25")
    figure.a.tedd.wait_tunnels([narrow])
    figure.b.tedd.wait_tunnels([narrow.mirrored()])
    lab.say("with excess = \"narrow\" the tunnel carries what the list gives, at both ends")
    for gateway, peer in ((figure.a, plan.b_wan), (figure.b, plan.a_wan)):
        gateway.tedd.ctl("forget", peer, check=False)
        gateway.tedd.wait_tunnels([])
    lab.cross(Ping(figure.h2, plan.h1), "a ping from h2 to h1", 20)
    figure.a.tedd.wait_tunnels([narrow])
    figure.b.tedd.wait_tunnels([narrow.mirrored()])
    lab.say("and so it does when gwB asks")
    clear = in_the_clear(figure.middle.flush(), plan.near, plan.far)
    lab.check(not clear, "not one packet of the flow has crossed in the clear", "; ".join(map(str, clear[:5])))
    told(lab, figure, of_a, {"CN=gw-b.example": ["10.0.0.0/8"]})
    lab.cross(there, "a ping from h1 to h2", 20)
    figure.a.tedd.wait_tunnels([figure.agreed])
    lab.say("with a list that gives it all the same claim gets the tunnel")
    told(lab, figure, of_a, {})
    figure.a.tedd.wait_tunnels([])
    lab.say("taken off the list, gwB loses the tunnel at the reload")

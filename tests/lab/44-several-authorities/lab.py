"""Two sites with authorities of their own that trust each other's, and a gateway of a third."""
from dataclasses import replace

from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.pki import Authority
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "gateways of different authorities that trust both have a tunnel; one of an authority that is not trusted has none"
DATAPLANES = (Dataplane.USERSPACE,)


def run(lab: Lab) -> None:
    plan = figure1.PLAIN
    one, two, three = (Authority(lab.folder, name, blocks) for name, blocks in (("one", ["10.1.0.0/16"]), ("two", ["10.2.0.0/16"]), ("three", ["10.0.0.0/8"])))
    of_a = one.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"], [one, two])
    of_b = two.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"], [two, one])
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(of_a, of_b))
    lab.start_gateways(figure.a, figure.b)
    there, back = Ping(figure.h1, plan.h2), Ping(figure.h2, plan.h1)
    lab.cross(there, "a ping from h1 to h2")
    figure1.check_tunnel(lab, figure, figure.agreed)
    figure.b.tedd.stop()
    figure.a.tedd.wait_tunnels([], 20)
    stranger = three.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"], [one, two, three])
    figure.b.tedd.write(Config([plan.b_wan], figure1.RULES_B, certificates=stranger))
    figure.b.tedd.start()
    figure.a.tedd.ctl("forget", plan.b_wan, check=False)
    wait_for("gwA to hold down", lambda: answered(there, 1) == 0 and any("auth_failed" in str(entry) for entry in figure.a.tedd.held_down()), 20, every=0.2)
    lab.check(not figure.a.tedd.tunnel_selectors(), "gwB with a certificate of a third authority is refused in IKE when gwA asks")
    wait_for("gwB to hold down", lambda: answered(back, 1) == 0 and bool(figure.b.tedd.held_down()), 20, every=0.2)
    lab.check(not figure.a.tedd.tunnel_selectors(), "and when it asks itself")
    lab.check(not in_the_clear(figure.middle.flush(), plan.near, plan.far), "not one packet of the flow crossed in the clear")
    figure.a.tedd.write(Config([plan.a_wan], figure1.RULES_A, certificates=replace(of_a, ca=[one.pem, two.pem, three.pem])))
    figure.a.tedd.ctl("reload")
    lab.cross(there, "a ping when gwA trusts the third authority", 20)
    lab.say("where gwA trusts that authority as well the same certificate gets the tunnel")

"""Figure 1 with certificates: nobody is named in any file, and each end knows who the other is and what it may speak for."""
import subprocess

from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.pki import Authority
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "gateways with certificates and address blocks find each other, and each knows who the other is"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)


def run(lab: Lab) -> None:
    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8"])
    plan = figure1.PLAIN
    of_a = authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"])
    of_b = authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"], key="ed25519")
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(of_a, of_b))
    lab.start_gateways(figure.a, figure.b)
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    figure1.check_tunnel(lab, figure, figure.agreed)
    for gateway, peer, name in ((figure.a, plan.b_wan, "gwB"), (figure.b, plan.a_wan, "gwA")):
        named = [tunnel["identity"] for tunnel in gateway.tedd.ask("tunnels")] + [one["identity"] for one in gateway.tedd.ask("peers")]
        lab.check(set(named) == {peer}, f"tedctl tunnels and tedctl peers say that {name} has proved its address", str(named))
    for gateway, given, name in ((figure.a, of_b, "gwB"), (figure.b, of_a, "gwA")):
        said = subprocess.run(["openssl", "x509", "-in", given.cert, "-noout", "-enddate", "-dateopt", "iso_8601"], check=True, capture_output=True, text=True).stdout
        told = [one["certificate_until"] for one in gateway.tedd.ask("peers")]
        lab.check([f"notAfter={one[:10]} {one[11:19]}Z" for one in told if one] == [said.strip()], f"tedctl peers says when the certificate of {name} ends, as OpenSSL reads it", f"{told}, {said}")
    child = figure.a.charon.children()[0].name
    figure.a.charon.rekey(child)
    wait_for("the rekeyed tunnel to be told", lambda: figure.b.tedd.counter("tunnels_up") >= 1 and len(figure.b.charon.children()) == 1, 8)
    lab.cross(Ping(figure.h1, plan.h2), "a ping through the rekeyed tunnel")
    figure.b.tedd.wait_tunnels([figure.agreed.mirrored()])
    lab.say("rekeyed, the tunnel stands at both ends and carries")
    figure.a.tedd.ctl("forget", plan.b_wan)
    figure.a.tedd.wait_tunnels([])
    figure.b.tedd.wait_tunnels([])
    lab.cross(Ping(figure.h2, plan.h1), "a ping from h2 to h1")
    figure.a.tedd.wait_tunnels([figure.agreed])
    lab.say("gwB makes the tunnel as well when h2 asks")
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)
    refused = [gateway.tedd.counter("tunnels_unauthorised") for gateway in (figure.a, figure.b)]
    lab.check(refused == [0, 0], "nobody was refused", str(refused))
    figure.a.tedd.kill()
    figure.a.tedd.start()
    figure.a.tedd.ctl("reload")
    figure.a.tedd.wait_tunnels([figure.agreed])
    lab.say("a tedd that was killed finds the tunnel, and judges it again")
    keys = figure.a.charon.keys()
    lab.check(len(keys) == 1, "charon holds one private key, however often it was loaded", str(keys))
    figure.a.tedd.stop()
    lab.check(not figure.a.charon.connections() and not figure.a.charon.keys(), "tedd's end leaves no connection and no key in charon",
              str(figure.a.charon.keys()))

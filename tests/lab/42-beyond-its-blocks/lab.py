"""A gateway with a valid certificate claims a network that is not in its address blocks, and is refused twice over."""
from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.pki import Authority, Certificates
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "a valid certificate does not get the traffic of networks that are not in its address blocks, in either role"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)


class Claims:
    """gwB claims 10.2.0.0/24, first when gwA asks and then when it asks itself."""

    def __init__(self, lab: Lab, figure: Figure1) -> None:
        self.lab = lab
        self.figure = figure
        self.there = Ping(figure.h1, figure.plan.h2)
        self.back = Ping(figure.h2, figure.plan.h1)

    def start(self, certificates: Certificates | None = None) -> None:
        plan = self.figure.plan
        if certificates:
            self.figure.b.tedd.write(Config([plan.b_wan], figure1.RULES_B, certificates=certificates))
        for gateway in (self.figure.a, self.figure.b):
            gateway.tedd.start()

    def stop(self) -> None:
        for gateway in (self.figure.a, self.figure.b):
            gateway.tedd.stop()

    def fails(self, ping: Ping, holds: str) -> None:
        """Packets are sent until who asks for them holds down; not one is answered."""
        gateway = self.figure.a if holds == "gwA" else self.figure.b
        got = 0

        def held() -> bool:
            nonlocal got
            got += answered(ping, 1)
            return bool(gateway.tedd.held_down())

        wait_for(f"{holds} to hold down", held, 20, every=0.2)
        self.lab.check(got == 0 and not self.figure.a.tedd.tunnel_selectors(), f"{holds} asks: no tunnel at gwA, and no ping crosses")


def run(lab: Lab) -> None:
    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8"])
    plan = figure1.PLAIN
    of_a = authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"])
    of_b = authority.gateway("gw-b.example", plan.b_wan, ["10.3.0.0/16"])
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(of_a, of_b))
    claims = Claims(lab, figure)
    for gateway in (figure.a, figure.b):
        gateway.charon.wait_ready()

    claims.start()
    claims.fails(claims.there, "gwA")
    why = " ".join(figure.a.tedd.why(f"icmp {plan.h1}:8 > {plan.h2}:0")["advice"])
    lab.check("give the peer a certificate whose blocks have what it protects" in why, "tedctl why at gwA names the peer's address blocks", why)
    claims.fails(claims.back, "gwB")
    why = " ".join(figure.b.tedd.why(f"icmp {plan.h2}:8 > {plan.h1}:0")["advice"])
    lab.check("give this gateway a certificate whose address blocks have what it protects" in why, "tedctl why at gwB names those of its own certificate", why)
    refused = figure.a.tedd.counter("tunnels_unauthorised")
    lab.check(refused == 0, "strongSwan's addrblock plugin has refused both: tedd never saw a tunnel", str(refused))
    claims.stop()

    for gateway in (figure.a, figure.b):
        gateway.charon.restart(without="addrblock")
        gateway.charon.wait_ready()
    claims.start()
    claims.fails(claims.there, "gwA")
    refused = figure.a.tedd.counter("tunnels_unauthorised")
    lab.check(refused > 0, "without that plugin tedd takes down what comes up", str(refused))
    lab.check("'192.0.2.2' may speak for 10.3.0.0/16 only (its certificate's address blocks)" in figure.a.tedd.log(), "and says who may speak for what")
    why = str(figure.a.tedd.why(f"icmp {plan.h1}:8 > {plan.h2}:0"))
    lab.check("may speak for 10.3.0.0/16 only" in why, "tedctl why says so, too", why)
    wait_for("gwB's tunnels to gwA to be refused as well",
             lambda: answered(claims.back, 1) == 0 and figure.a.tedd.counter("tunnels_unauthorised") > refused, 20, every=0.2)
    lab.check(not figure.a.tedd.tunnel_selectors() and answered(claims.back, 3) == 0, "gwB asks: no tunnel at gwA, and no ping crosses")
    clear = in_the_clear(figure.middle.flush(), plan.near, plan.far)
    lab.check(not clear, "not one packet of the flow has crossed in the clear", "; ".join(map(str, clear[:5])))
    claims.stop()

    claims.start(authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"], place="-good"))
    lab.cross(claims.there, "a ping from h1 to h2", 20)
    figure.a.tedd.wait_tunnels([figure.agreed])
    lab.say("with blocks that have the network the same claim gets the tunnel")

"""A peer whose strongSwan asks for what it was not offered: charon agrees, tedd does not."""
from lib import figure1
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Rule
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "a CHILD_SA that charon grants and policy does not, or that userspace ESP cannot carry, is taken down at once, and the event says why"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "without")
EXEMPT = "10.2.0.128/25"
RULES = [Rule("ping", ["10.2.0.0/24"], ["10.1.9.0/24"], protocol="icmp", icmp="8/0"), Rule("voice", [EXEMPT], ["10.1.0.0/16"], action="bypass"),
         Rule("office", ["10.2.0.0/24"], ["10.1.0.0/24"])]
FINE = Selector("10.1.0.0/24", "10.2.0.0/25")
CHILD = "    {name} {{ local_ts = {local}\n      remote_ts = {remote} }}\n"
CONNECTION = """
connections {{ peer {{ version = 2
  local_addrs = {here}
  remote_addrs = {there}
  local {{ auth = psk }}
  remote {{ auth = psk }}
  children {{
{children}  }} }} }}
secrets {{ ike-lab {{ secret = "one secret for all gateways of a lab" }} }}
"""


def asked(lab: Lab, figure: Figure1, child: str, reason: str, what: str) -> None:
    """gwA's strongSwan asks for that in the IKE_SA that there is; gwB refuses with these words."""
    a, b = figure.a.charon, figure.b.tedd
    before = b.counter("tunnels_refused")
    a.initiate(child)
    wait_for(f"gwB to refuse {what}", lambda: b.counter("tunnels_refused") > before, 8, b.logs)
    wait_for("gwB's charon to be rid of it", lambda: len(figure.b.charon.children()) == 1, 8, figure.b.charon.logs)
    if len(figure.a.charon.children()) > 1:              # its end may not have heard: the DELETE can overtake charon's answer
        a.terminate(child)
    told = [line for line in b.log().splitlines() if "TED-TUNNEL-REFUSED" in line and reason in line]
    lab.check(len(told) == 1 and b.tunnel_selectors() == [FINE.mirrored()], f"{what}: charon grants it, tedd has it taken down, and the event says why", b.log()[-600:])


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, RULES)
    plan = figure.plan
    run_program(["ip", "address", "add", "10.1.9.1/24", "dev", "lan"], namespace=figure.a.node.namespace)
    figure.a.charon.wait_ready()
    lab.start_gateways(figure.b)
    children = {"fine": (FINE.local, FINE.remote), "whole": (plan.near, plan.far), "ping": ("10.1.9.0/24[icmp/2048]", "10.2.0.0/24[icmp/2048]")}
    figure.a.charon.load(CONNECTION.format(here=plan.a_wan, there=plan.b_wan, children="".join(
        CHILD.format(name=name, local=local, remote=remote) for name, (local, remote) in children.items())))

    figure.a.charon.initiate("fine")
    figure.b.tedd.wait_tunnels([FINE.mirrored()])
    ping = Ping(figure.h1, plan.h2)
    lab.check(answered(ping, 3) == 3, "a strongSwan without tedd asks for half a network, which policy protects: the tunnel stands and carries")
    whole = "the whole network, of which policy exempts the other half"

    def ask_for_whole() -> None:
        asked(lab, figure, "whole", "policy does not protect all that it carries", whole)
    ask_for_whole()
    if lab.dataplane is Dataplane.USERSPACE:
        asked(lab, figure, "ping", "sees ports of TCP and UDP only", "one type of ICMP, with userspace ESP")
    else:
        figure.a.charon.initiate("ping")
        wait_for("gwB to take it in", lambda: len(figure.b.tedd.ask("tunnels")) == 2, 8, figure.b.tedd.logs)
        lab.say("one type of ICMP, with kernel ESP: it stands")
    lab.check(answered(ping, 3) == 3, "the first one carries as before")

    lab.fails_without("judged-tunnels", f"gwB to refuse {whole}", ask_for_whole, figure.b)
    wait_for("gwB to have taken it down", lambda: len(figure.b.charon.children()) < 2 + (lab.dataplane is Dataplane.KERNEL), 8, figure.b.tedd.logs)
    lab.say("a tedd that judges again finds it, and takes it down")

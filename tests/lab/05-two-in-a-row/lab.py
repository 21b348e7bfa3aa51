"""Two gateways on the path, either of which protects the destination: the first one on the way answers."""
from lib import figure1, row
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.selector import Selector
from lib.tedd import Rule
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "of two gateways in a row that protect the destination, the first answers and the second never sees the probe"
DATAPLANES = (Dataplane.USERSPACE,)
NEAR, FAR = "10.1.0.0/24", "10.2.0.0/24"
ENDS_THERE = "and ends at gwC's guard, as it came there in the clear"


def run(lab: Lab) -> None:
    # gwB has an address inside what it protects: strongSwan's own ESP wants one.
    built = row.build(lab, ("gwB", "gwC"), figure1.RULES_B, [Rule("inner", [FAR], ["10.1.0.0/16"])], middle_outside=["wan"],
                      middle_inside=["10.2.0.254/32"])
    gateway_a, gateway_c = built.a, built.last
    lab.start_gateways(*built.gateways())

    ping = Ping(built.h1, row.H2)
    wanted = [Selector(NEAR, FAR)]
    wait_for("a tunnel from gwA", lambda: ping.attempt(0.2) is not None or gateway_a.selectors() == wanted, 8)
    lab.say("gwA has a tunnel with exactly its intersection with gwB")
    # Behind gwB the packets are in the clear again, and gwC, which protects the same, is right to stop them.
    wait_for("a decrypted ping behind gwB", lambda: ping.attempt(0.2) is None and in_the_clear(built.behind.packets(), NEAR, FAR), 8)
    lab.say("the flow comes out of it at gwB")
    lab.check(ping.attempt(0.2) is None, ENDS_THERE)
    exchange = figure1.find_exchange(built.before.flush(), row.H1, row.H2)
    lab.check(exchange is not None and str(exchange.response.gateway) == row.MIDDLE, "the response came from gwB")
    lab.check([sa.remote_host for sa in gateway_a.charon.sas()] == [row.MIDDLE], "gwA has a tunnel to gwB and no other")
    lab.check(not any(packet.kind is Kind.PROBE for packet in built.behind.flush()), "no probe crossed the link behind gwB")
    lab.check(gateway_c.tedd.counter("probes_received") == 0, "gwC saw none")
    lab.check(not gateway_c.selectors(), "gwC has no tunnel")
    figure1.check_wire(lab, built.before.flush(), "10.1.0.0/16", FAR)
    gateway_c.tedd.stop()
    gateway_c.tedd.release()
    lab.fails("the guard of gwC", ENDS_THERE, lambda: lab.check(answered(ping, 3) == 0, ENDS_THERE))

"""A gateway on the path, running tedd, whose policy covers the destination for others but not for this source."""
from lib import figure1, row
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.selector import Selector
from lib.tedd import Rule
from lib.traffic import Ping

PROVES = "a gateway that does not protect the flow lets the probe through, the same bytes but for TTL and checksum"
DATAPLANES = (Dataplane.USERSPACE,)
# The first line makes gwX look at probes for 10.2.0.0/24, none of its lines covers this one.
RULES_X = [Rule("for-others", ["10.2.0.0/24"], ["10.77.0.0/16"]), Rule("own-lan", ["10.3.0.0/24"], ["10.1.0.0/16"])]


def run(lab: Lab) -> None:
    built = row.build(lab, ("gwX", "gwB"), RULES_X, figure1.RULES_B, middle_outside=["wan", "far"])
    gateway_x = built.middle
    lab.start_gateways(*built.gateways())

    lab.cross(Ping(built.h1, row.H2), "a ping from h1 to h2")
    lab.say("a ping was answered")
    built.a.wait_selectors([Selector("10.1.0.0/24", "10.2.0.0/24")])
    lab.say("the tunnel is between gwA and gwB, with exactly the intersection")
    lab.check(not gateway_x.selectors(), "gwX has none")
    before, behind = built.before.flush(), built.behind.flush()
    # A's alone: B checks the tunnel's path the other way a moment later, and A may again.
    probes, passed = ([packet for packet in packets if packet.kind is Kind.PROBE and str(packet.source) == row.H1] for packets in (before, behind))
    passed = passed[:len(probes)]
    lab.check(len(probes) >= 1 and len(probes) == len(passed), "every probe that came to gwX left it", f"{len(probes)} and {len(passed)}")
    lab.check([packet.untouched_part() for packet in probes] == [packet.untouched_part() for packet in passed],
              "byte for byte but for TTL and checksum")
    lab.check([packet.ttl - 1 for packet in probes] == [packet.ttl for packet in passed], "with a TTL one less")
    exchange = figure1.find_exchange(before, row.H1, row.H2)
    lab.check(exchange is not None and str(exchange.response.gateway) == row.LAST, "the response came from gwB")
    lab.check(gateway_x.tedd.counter("probes_answered") == 0, "gwX answered none")

    lab.cross(Ping(built.h1, row.H3), "a ping from h1 to h3")
    gateway_x.wait_selectors([Selector("10.3.0.0/24", "10.1.0.0/16")])
    lab.say("what gwX does protect, it answers for: a tunnel to it as well")
    figure1.check_wire(lab, built.behind.flush(), "10.1.0.0/16", "10.2.0.0/24")
    figure1.check_wire(lab, built.before.flush(), "10.1.0.0/16", "10.0.0.0/8")

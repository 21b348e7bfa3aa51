"""A gateway on the path, running tedd, whose policy covers the destination for others but not for this source."""
from lib import figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.selector import Selector
from lib.tedd import Config, Rule
from lib.traffic import Ping

PROVES = "a gateway that does not protect the flow lets the probe through, the same bytes but for TTL and checksum"
DATAPLANES = (Dataplane.USERSPACE,)


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", "192.0.2.1/24").route("default", "192.0.2.254")
    x = network.router("gwX").address("wan", "192.0.2.254/24").address("far", "198.51.100.254/24").address("lan", "10.3.0.1/24")
    x.route("10.1.0.0/24", "192.0.2.1").route("10.2.0.0/24", "198.51.100.2")
    b = network.router("gwB").address("lan", "10.2.0.1/24").address("wan", "198.51.100.2/24").route("default", "198.51.100.254")
    h2 = network.host("h2").address("eth0", "10.2.0.10/24").route("default", "10.2.0.1")
    h3 = network.host("h3").address("eth0", "10.3.0.10/24").route("default", "10.3.0.1")
    network.link(h1, "eth0", a, "lan")
    before_x = network.tapped_link("wire1", a, "wan", x, "wan")
    behind_x = network.tapped_link("wire2", x, "far", b, "wan")
    network.link(b, "lan", h2, "eth0")
    network.link(x, "lan", h3, "eth0")
    network.build()
    first, second = lab.capture(before_x, "left", "before-x"), lab.capture(behind_x, "left", "behind-x")
    gateway_a = lab.gateway(a, Config(["192.0.2.1"], figure1.RULES_A))
    gateway_b = lab.gateway(b, Config(["198.51.100.2"], figure1.RULES_B))
    # The first line makes gwX look at probes for 10.2.0.0/24, none of its lines covers this one.
    gateway_x = lab.gateway(x, Config(["192.0.2.254", "198.51.100.254"], interfaces=["wan", "far"], rules=[
        Rule("for-others", ["10.2.0.0/24"], ["10.77.0.0/16"]), Rule("own-lan", ["10.3.0.0/24"], ["10.1.0.0/16"])]))
    lab.start_gateways(gateway_a, gateway_x, gateway_b)

    lab.cross(Ping(h1, "10.2.0.10"), "a ping from h1 to h2")
    lab.say("a ping was answered")
    gateway_a.wait_selectors([Selector("10.1.0.0/24", "10.2.0.0/24")])
    lab.say("the tunnel is between gwA and gwB, with exactly the intersection")
    lab.check(not gateway_x.selectors(), "gwX has none")
    before, behind = first.flush(), second.flush()
    probes = [packet for packet in before if packet.kind is Kind.PROBE]
    passed = [packet for packet in behind if packet.kind is Kind.PROBE]
    lab.check(len(probes) >= 1 and len(probes) == len(passed), "every probe that came to gwX left it", f"{len(probes)} and {len(passed)}")
    lab.check([packet.untouched_part() for packet in probes] == [packet.untouched_part() for packet in passed],
              "byte for byte but for TTL and checksum")
    lab.check([packet.ttl - 1 for packet in probes] == [packet.ttl for packet in passed], "with a TTL one less")
    exchange = figure1.find_exchange(before, "10.1.0.10", "10.2.0.10")
    lab.check(exchange is not None and str(exchange.response.gateway) == "198.51.100.2", "the response came from gwB")
    lab.check(gateway_x.tedd.counter("probes_answered") == 0, "gwX answered none")

    lab.cross(Ping(h1, "10.3.0.10"), "a ping from h1 to h3")
    gateway_x.wait_selectors([Selector("10.3.0.0/24", "10.1.0.0/16")])
    lab.say("what gwX does protect, it answers for: a tunnel to it as well")
    figure1.check_wire(lab, second.flush(), "10.1.0.0/16", "10.2.0.0/24")
    figure1.check_wire(lab, first.flush(), "10.1.0.0/16", "10.0.0.0/8")

"""Two gateways on the path, either of which protects the destination: the first one on the way answers."""
from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.selector import Selector
from lib.tedd import Config, Rule
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "of two gateways in a row that protect the destination, the first answers and the second never sees the probe"
DATAPLANES = (Dataplane.USERSPACE,)


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", "192.0.2.1/24").route("default", "192.0.2.2")
    # gwB has an address inside what it protects: strongSwan's own ESP wants one.
    b = network.router("gwB").address("wan", "192.0.2.2/24").address("inner", "198.51.100.1/24").address("lo", "10.2.0.254/32")
    b.route("10.1.0.0/24", "192.0.2.1").route("10.2.0.0/24", "198.51.100.2")
    c = network.router("gwC").address("outer", "198.51.100.2/24").address("lan", "10.2.0.1/24").route("default", "198.51.100.1")
    h2 = network.host("h2").address("eth0", "10.2.0.10/24").route("default", "10.2.0.1")
    network.link(h1, "eth0", a, "lan")
    outside = network.tapped_link("wire1", a, "wan", b, "wan")
    between = network.tapped_link("wire2", b, "inner", c, "outer")
    network.link(c, "lan", h2, "eth0")
    network.build()
    first, second = lab.capture(outside, "left", "outside"), lab.capture(between, "left", "between")
    gateway_a = lab.gateway(a, Config(["192.0.2.1"], figure1.RULES_A))
    gateway_b = lab.gateway(b, Config(["192.0.2.2"], figure1.RULES_B))
    gateway_c = lab.gateway(c, Config(["198.51.100.2"], [Rule("inner", ["10.2.0.0/24"], ["10.1.0.0/16"])], interfaces=["outer"]))
    lab.start_gateways(gateway_a, gateway_b, gateway_c)

    ping = Ping(h1, "10.2.0.10")
    wanted = [Selector("10.1.0.0/24", "10.2.0.0/24")]
    wait_for("a tunnel from gwA", lambda: ping.attempt(0.2) is not None or gateway_a.selectors() == wanted, 8)
    lab.say("gwA has a tunnel with exactly its intersection with gwB")
    # Behind gwB the packets are in the clear again, and gwC, which protects the same, is right to stop them.
    wait_for("a decrypted ping behind gwB", lambda: ping.attempt(0.2) is None and in_the_clear(second.packets(), "10.1.0.0/24", "10.2.0.0/24"), 8)
    lab.say("the flow comes out of it at gwB")
    lab.check(ping.attempt(0.2) is None, "and ends at gwC's guard, as it came there in the clear")
    exchange = figure1.find_exchange(first.flush(), "10.1.0.10", "10.2.0.10")
    lab.check(exchange is not None and str(exchange.response.gateway) == "192.0.2.2", "the response came from gwB")
    lab.check([sa.remote_host for sa in gateway_a.charon.sas()] == ["192.0.2.2"], "gwA has a tunnel to gwB and no other")
    lab.check(not any(packet.kind is Kind.PROBE for packet in second.flush()), "no probe crossed the link behind gwB")
    lab.check(gateway_c.tedd.counter("probes_received") == 0, "gwC saw none")
    lab.check(not gateway_c.selectors(), "gwC has no tunnel")
    figure1.check_wire(lab, first.flush(), "10.1.0.0/16", "10.2.0.0/24")

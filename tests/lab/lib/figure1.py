"""The network of the patent application's figure 1, and what its exchange must have left behind; several labs and the demo share it."""
from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from . import ted, traffic
from .capture import Capture, encrypted, in_the_clear
from .gateway import Gateway
from .lab import Lab
from .packets import Kind, Packet
from .pki import Certificates
from .selector import Selector
from .tedd import Config, Rule
from .topology import Node


@dataclass(frozen=True)
class Plan:
    """The addresses of one variant. `transit` puts a router between the gateways."""

    h1: str = "10.1.0.10"
    a_lan: str = "10.1.0.1"
    a_wan: str = "192.0.2.1"
    b_wan: str = "192.0.2.2"
    b_lan: str = "10.2.0.1"
    h2: str = "10.2.0.10"
    lan_bits: int = 24
    wan_bits: int = 24
    transit: bool = False
    transit_a: str = "192.0.2.254"
    transit_b: str = "198.51.100.254"

    def network_of(self, address: str) -> str:
        return str(ipaddress.ip_interface(f"{address}/{self.lan_bits}").network)

    @property
    def near(self) -> str:
        """The network behind A."""
        return self.network_of(self.h1)

    @property
    def far(self) -> str:
        """The network behind B."""
        return self.network_of(self.h2)


PLAIN = Plan()
TRANSIT = Plan(b_wan="198.51.100.2", transit=True)
IPV6 = Plan(h1="2001:db8:1::10", a_lan="2001:db8:1::1", a_wan="2001:db8:ff::1", b_wan="2001:db8:ff::2", b_lan="2001:db8:2::1",
            h2="2001:db8:2::10", lan_bits=64, wan_bits=64)

NONE_CLEAR = "not one packet of the flow crossed it in the clear"

# A covers more than B on either side, so that only their intersection is right: A's /16 against B's /24, A's /8 against B's /24.
RULES_A = [Rule("branches", ["10.1.0.0/16"], ["10.0.0.0/8"])]
RULES_B = [Rule("office", ["10.2.0.0/24"], ["10.1.0.0/24"])]
RULES_A6 = [Rule("branches", ["2001:db8:1::/48"], ["2001:db8::/32"])]
RULES_B6 = [Rule("office", ["2001:db8:2::/64"], ["2001:db8:1::/64"])]


@dataclass
class Figure1:
    """Built, captured and with both gateways made but not started."""

    plan: Plan
    h1: Node
    h2: Node
    a: Gateway
    b: Gateway
    middle: Capture
    beyond: Capture | None       # the link between transit router and B
    router: Node | None = None   # of that variant
    wire: Node | None = None     # whose interface `left` sees the link that `middle` captures

    @property
    def agreed(self) -> Selector:
        """The intersection of the default rules, from A's side."""
        return Selector(self.plan.near, self.plan.far)


def build(lab: Lab, rules_a: list[Rule], rules_b: list[Rule], plan: Plan = PLAIN, name: str = "middle", psk_b: str | None = None,
          certificates: tuple[Certificates, Certificates] | None = None, only: str = "") -> Figure1:
    """`only` filters what the captures take, as of Capture."""
    network = lab.network()
    to_b, to_a = (plan.transit_a, plan.transit_b) if plan.transit else (plan.b_wan, plan.a_wan)
    h1 = network.host("h1").address("eth0", f"{plan.h1}/{plan.lan_bits}").route("default", plan.a_lan)
    a = network.router("gwA").address("lan", f"{plan.a_lan}/{plan.lan_bits}").address("wan", f"{plan.a_wan}/{plan.wan_bits}").route("default", to_b)
    b = network.router("gwB").address("lan", f"{plan.b_lan}/{plan.lan_bits}").address("wan", f"{plan.b_wan}/{plan.wan_bits}").route("default", to_a)
    h2 = network.host("h2").address("eth0", f"{plan.h2}/{plan.lan_bits}").route("default", plan.b_lan)
    network.link(h1, "eth0", a, "lan")
    network.link(b, "lan", h2, "eth0")
    second = router = None
    if plan.transit:
        router = network.router("router").address("toA", f"{plan.transit_a}/{plan.wan_bits}").address("toB", f"{plan.transit_b}/{plan.wan_bits}")
        router.route(plan.near, plan.a_wan).route(plan.far, plan.b_wan)
        first = network.tapped_link("wire1", a, "wan", router, "toA")
        second = network.tapped_link("wire2", router, "toB", b, "wan")
    else:
        first = network.tapped_link("wire", a, "wan", b, "wan")
    network.build()
    middle = lab.capture(first, "left", name, only)
    beyond = lab.capture(second, "left", name + "-beyond", only) if second else None
    psk = {} if psk_b is None else {"psk": psk_b}
    of_a, of_b = certificates or (None, None)
    return Figure1(plan, h1, h2, lab.gateway(a, Config([plan.a_wan], rules_a, certificates=of_a)),
                   lab.gateway(b, Config([plan.b_wan], rules_b, certificates=of_b, **psk)), middle, beyond, router, first)


@dataclass(frozen=True)
class Exchange:
    """A discovery as it was on the wire."""

    probe_packet: Packet
    probe: ted.Message
    response_packet: Packet
    response: ted.Message


def find_exchange(packets: list[Packet], source: str, destination: str) -> Exchange | None:
    """The first response, and the probe for this pair of hosts that it answers. DecodeError when one is not in the format."""
    probes = [(packet, ted.decode(packet.datagram)) for packet in packets
              if packet.kind is Kind.PROBE and (str(packet.source), str(packet.destination)) == (source, destination)]
    for packet in packets:
        if packet.kind is Kind.RESPONSE:
            response = ted.decode(packet.datagram)
            for probe_packet, probe in probes:
                if probe.initiator_cookie == response.initiator_cookie:
                    return Exchange(probe_packet, probe, packet, response)
    return None


def check_exchange(lab: Lab, packets: list[Packet], protocol: int, flow: tuple[str, int, str, int], initiator: str, responder: str,
                   local: str, remote: str) -> None:
    """Says what the probe for this packet and its response were; `local` and `remote` are the responder's proxy for any protocol and port."""
    source, source_port, destination, destination_port = flow
    exchange = find_exchange(packets, source, destination)
    lab.check(exchange is not None, "a TED probe and the response to it crossed the middle link")
    assert exchange
    probe, response = exchange.probe, exchange.response
    ports = (source_port if protocol in (6, 17) else 500, 500)
    lab.check(exchange.probe_packet.ports == ports, "the probe had the first packet's own source, destination and source port", str(exchange.probe_packet))
    wanted = ted.Summary(protocol, ipaddress.ip_address(source), ipaddress.ip_address(destination), source_port, destination_port)
    lab.check(probe.summary == wanted, "its summary was the first packet's", str(probe.summary))
    lab.check(str(probe.gateway) == initiator, "its first ID was the address of the initiating gateway", str(probe.gateway))
    ends = (str(exchange.response_packet.source), str(exchange.response_packet.destination), exchange.response_packet.ports)
    lab.check(ends == (responder, initiator, (500, 500)), "the response went from gateway to gateway, port 500 to 500", str(ends))
    lab.check(str(response.gateway) == responder, "its first ID was the address of the responding gateway", str(response.gateway))
    lab.check(len(exchange.response_packet.datagram) <= len(exchange.probe_packet.datagram), "it was no longer than the probe")
    proxy = ted.Proxy(0, ted.half_proxy(local), ted.half_proxy(remote), 0, 0)
    lab.check(response.proxy == proxy, "its proxy was the responder's whole line, local and remote", str(response.proxy))


def check_tunnel(lab: Lab, figure: Figure1, agreed: Selector) -> None:
    """Says that both ends carry exactly this, by strongSwan's account and by tedd's, which must name the data plane as well."""
    figure.a.wait_selectors([agreed])
    lab.say("gwA's selectors in swanctl --list-sas are exactly the intersection")
    figure.b.wait_selectors([agreed.mirrored()])
    lab.say("gwB's selectors in swanctl --list-sas are the same, mirrored")
    for gateway, wanted in ((figure.a, agreed), (figure.b, agreed.mirrored())):
        gateway.tedd.wait_tunnels([wanted])
        if (named := gateway.tedd.ask("status")["data_plane"]) != lab.dataplane.value:
            lab.check(False, f"tedctl status on {gateway.node.name} names the data plane that charon has", named)
    lab.say("tedctl tunnels says the same at both ends")


def check_wire(lab: Lab, packets: list[Packet], near: str, far: str) -> None:
    """Says that the flow between the two networks crossed, and only encrypted."""
    lab.check(any(packet.kind is Kind.IKE for packet in packets), "IKE crossed the middle link")
    lab.check(bool(encrypted(packets)), "ESP crossed the middle link")
    clear = in_the_clear(packets, near, far)
    lab.check(not clear, NONE_CLEAR, "; ".join(map(str, clear[:5])))


def fails_without_guards(lab: Lab, figure: Figure1, flow: traffic.Flow, claim: str, test: Callable[[Packet], bool] = lambda _: True) -> None:
    """Both gateways end and give their guards up: of the same flow, as far as `test` says, the capture now shows packets, and the claim fails."""
    for gateway in (figure.a, figure.b):
        gateway.tedd.stop()
        gateway.tedd.release()
    before = len(figure.middle.flush())

    def attack() -> None:
        traffic.answered(flow, 3)
        clear = in_the_clear(figure.middle.flush()[before:], figure.plan.near, figure.plan.far, test)
        lab.check(not clear, claim, "; ".join(map(str, clear[:5])))
    lab.fails("the guards", claim, attack)

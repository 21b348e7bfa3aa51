"""Site to site with the very file of docs/deploy.md, a router in between."""
from __future__ import annotations

from lib import documented
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.selector import Selector
from lib.tedd import Config
from lib.topology import Network, Node
from lib.traffic import Ping, Tcp, answered
from lib.wait import SLOWNESS

PROVES = "the file that docs/deploy.md has for sites protects what is behind each lan0, from the first packet on, and leaves what is inside alone"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
SECTION = "Site to site"
OWN = '"192.0.2.1"'                                  # what the page calls the only line that differs
WAN = {1: "192.0.2.1", 2: "198.51.100.2"}


def site(network: Network, number: int, router: str) -> tuple[Node, Node]:
    """A host and the gateway before it."""
    host = network.host(f"h{number}").address("eth0", f"10.{number}.0.10/24").route("default", f"10.{number}.0.1")
    gateway = network.router(f"gw{number}").address("lan0", f"10.{number}.0.1/24").address("wan0", f"{WAN[number]}/24").route("default", router)
    network.link(host, "eth0", gateway, "lan0")
    return host, gateway


def run(lab: Lab) -> None:
    network = lab.network()
    router = network.router("router").address("to1", "192.0.2.254/24").address("to2", "198.51.100.254/24")
    router.route("10.1.0.0/16", WAN[1]).route("10.2.0.0/16", WAN[2])
    (h1, node1), (h2, node2) = site(network, 1, "192.0.2.254"), site(network, 2, "198.51.100.254")
    wires = [network.tapped_link("wire1", node1, "wan0", router, "to1"), network.tapped_link("wire2", router, "to2", node2, "wan0")]
    network.build()
    captures = [lab.capture(wire, "left", f"on-{wire.name}") for wire in wires]
    text = documented.blocks("deploy.md", "toml", SECTION)[0]
    gateways = [lab.gateway(node, Config([WAN[number]], [])) for number, node in ((1, node1), (2, node2))]
    for number, gateway in enumerate(gateways, 1):
        gateway.tedd.write_documented(text, {OWN: f'"{WAN[number]}"'})
    lab.start_gateways(*gateways)

    lab.check(Tcp(h1, h2, "10.2.0.10", 443).attempt(8 * SLOWNESS) is not None, "a connection from site to site opens with its first packet")
    agreed = Selector("10.1.0.0/24", "10.2.0.0/24")
    gateways[0].wait_selectors([agreed])
    gateways[1].wait_selectors([agreed.mirrored()])
    gateways[0].tedd.wait_tunnels([agreed])
    gateways[1].tedd.wait_tunnels([agreed.mirrored()])
    lab.say("both say that the tunnel carries the two networks behind lan0, mirrored")
    lab.check(gateways[0].tedd.why("tcp 10.1.0.10:40000 > 10.2.0.10:443")["verdict"] == "protected", "and why calls the flow protected")
    lab.check(answered(Ping(h2, "10.1.0.10"), 3) == 3, "the other way round it is used at once")
    lab.check(answered(Ping(h1, "10.1.0.1"), 3) == 3, "a host and its own gateway talk by the rule for the inside")
    packets = [capture.flush() for capture in captures]
    lab.check(all(encrypted(each) for each in packets), "ESP crossed on either side of the router")
    clear = [packet for each in packets for packet in in_the_clear(each, "10.0.0.0/8", "10.0.0.0/8")]
    lab.check(not clear, "and not one packet of the sites in the clear", "; ".join(map(str, clear[:5])))

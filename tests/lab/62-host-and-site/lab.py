"""Hosts that are their own gateways, and a site behind one, with the files of docs/deploy.md."""
from __future__ import annotations

from lib import documented
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.selector import Selector
from lib.tedd import Config
from lib.topology import Network, Node
from lib.traffic import Ping, Tcp, answered
from lib.wait import SLOWNESS

PROVES = "with the files that docs/deploy.md has for it a host and a site protect what they say to each other, whoever begins"
DATAPLANES = (Dataplane.KERNEL,)
LONG = (Dataplane.KERNEL,)
SITE, SECTION = "Site to site", "Host and site"
GATEWAY, HOSTS, INSIDE = "192.0.2.1", ("198.51.100.7", "198.51.100.8"), "10.1.0.10"


def host(network: Network, wire: Node, number: int) -> Node:
    made = network.host(f"host{number}").address("eth0", f"{HOSTS[number]}/24").route("default", "198.51.100.254")
    network.link(made, "eth0", wire, f"port{number}")
    return made


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", f"{INSIDE}/24").route("default", "10.1.0.1")
    gw = network.router("gw1").address("lan0", "10.1.0.1/24").address("wan0", f"{GATEWAY}/24").route("default", "192.0.2.254")
    router = network.router("router").address("to1", "192.0.2.254/24").address("to2", "198.51.100.254/24").route("10.1.0.0/16", GATEWAY)
    network.link(h1, "eth0", gw, "lan0")
    cable = network.tapped_link("wire", gw, "wan0", router, "to1")
    wire = network.host("street")
    nodes = [host(network, wire, number) for number in (0, 1)]
    network.link(router, "to2", wire, "port2")
    wire.commands += ["link add name cable type bridge mcast_snooping 0", *(f"link set {port} master cable" for port in ("port0", "port1", "port2")), "link set cable up"]
    network.build()
    captures = [lab.capture(cable, "left", "middle"), lab.capture(wire, "port2", "street")]

    of_host, more_of_site = documented.blocks("deploy.md", "toml", SECTION)
    site = lab.gateway(gw, Config([GATEWAY], []))
    site.tedd.write_documented(documented.blocks("deploy.md", "toml", SITE)[0] + "\n" + more_of_site, {})
    first, second = (lab.gateway(node, Config([HOSTS[number]], [])) for number, node in enumerate(nodes))
    for number, one in enumerate((first, second)):
        one.tedd.write_documented(of_host, {'"198.51.100.7"': f'"{HOSTS[number]}"'})
    lab.start_gateways(site, first, second)

    lab.check(Tcp(nodes[0], h1, INSIDE, 443).attempt(8 * SLOWNESS) is not None, "a host reaches one behind the site's gateway, from the first packet on")
    lab.check(Tcp(h1, nodes[1], HOSTS[1], 443).attempt(8 * SLOWNESS) is not None, "and one behind it another host")
    tunnels = [Selector(f"{address}/32", "10.1.0.0/24") for address in HOSTS]
    first.wait_selectors([tunnels[0]])
    second.wait_selectors([tunnels[1]])
    site.wait_selectors([one.mirrored() for one in tunnels])
    lab.say("each host has a tunnel for its own address and the network behind lan0")
    lab.check(answered(Ping(h1, HOSTS[0]), 3) == 3 and answered(Ping(nodes[1], INSIDE), 3) == 3, "whichever side begins")
    lab.check(answered(Ping(nodes[0], GATEWAY), 3) == 3, "the gateway's own address, which no rule has, answers in the clear")

    packets = [capture.flush() for capture in captures]
    lab.check(all(encrypted(each) for each in packets), "ESP crossed on either side of the router")
    clear = [packet for each in packets for packet in in_the_clear(each, "10.1.0.0/16", "198.51.100.0/24") if packet.kind not in (Kind.PROBE, Kind.RESPONSE)]
    lab.check(not clear, "and nothing between hosts and site in the clear", "; ".join(map(str, clear[:5])))

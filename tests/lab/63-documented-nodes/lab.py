"""Nodes with pods and the very file of docs/deploy.md: first alone, then with the rules for the node's own traffic."""
from dataclasses import dataclass

from lib import documented
from lib.capture import Capture, encrypted, in_the_clear
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.packets import Packet
from lib.tedd import Config
from lib.topology import Network, Node
from lib.traffic import Ping, answered
from lib.wait import SLOWNESS

PROVES = "the file that docs/deploy.md has for nodes protects their pods, and with the page's three rules what the nodes themselves send to them"
DATAPLANES = (Dataplane.KERNEL,)
LONG = (Dataplane.KERNEL,)
NEEDS = ("binaries", "ipv6")
SECTION = "Node with pods"


@dataclass(frozen=True)
class Family:
    name: str
    pods: str
    nodes: str
    pod_format: str
    node_format: str
    bits: int
    block_bits: int
    gateway: str                                     # what every pod has for a gateway; no network lies behind it
    gateway_bits: int

    def pod(self, node: int, pod: int) -> str:
        return self.pod_format.format(node=node, pod=pod)

    def node(self, number: int) -> str:
        return self.node_format.format(number)

    def block(self, node: int) -> str:
        """Where the pods of a node are."""
        return self.pod_format.format(node=node, pod=0) + f"/{self.block_bits}"

    def names(self, number: int) -> dict[str, str]:
        """What the page calls the node's own, and where its networks are in the other family."""
        return {'"192.0.2.1"': f'"{self.node(number)}"', "10.244.0.0/16": self.pods}


V4 = Family("IPv4", "10.244.0.0/16", "192.0.2.0/24", "10.244.{node}.{pod}", "192.0.2.{}", 32, 24, "169.254.1.1", 32)
V6 = Family("IPv6", "fd00:244::/32", "2001:db8:ff::/64", "fd00:244:{node}::{pod}", "2001:db8:ff::{}", 128, 64, "fe80::1", 64)


def files() -> tuple[str, str]:
    """The page's file, and the same with its three rules before "rest"."""
    file, more = documented.blocks("deploy.md", "toml", SECTION)
    before, rule, rest = file.rpartition("[[rule]]")
    assert 'name   = "rest"' in rest
    return file, before + more + "\n" + rule + rest


def add_node(network: Network, family: Family, number: int) -> Node:
    other = 3 - number
    node = network.router(f"node{number}").address("eth0", f"{family.node(number)}/{family.nodes.split('/')[1]}")
    return node.route(family.block(other), family.node(other))


def add_pod(network: Network, family: Family, node: Node, number: int, pod: int) -> Node:
    address = family.pod(number, pod)
    host = network.host(f"pod{number}{pod}").address("eth0", f"{address}/{family.bits}")
    host.commands += [f"route add {family.gateway} dev eth0"] * (family is V4) + [f"route add default via {family.gateway} dev eth0"]
    node.address(f"pod{pod}", f"{family.gateway}/{family.gateway_bits}")
    node.commands.append(f"route add {address}/{family.bits} dev pod{pod}")
    network.link(host, "eth0", node, f"pod{pod}")
    return host


def own(packets: list[Packet], family: Family) -> list[Packet]:
    """Readable packets between a node itself and pods."""
    return in_the_clear(packets, family.nodes, family.pods)


def write(gateways: tuple[Gateway, Gateway], text: str, family: Family, more: dict[str, str]) -> None:
    for number, gateway in enumerate(gateways, 1):
        gateway.tedd.write_documented(text, family.names(number) | more)


def alone(lab: Lab, family: Family, nodes: list[Node], pods: dict[tuple[int, int], Node], middle: Capture) -> None:
    """What the page says of its file."""
    lab.check(answered(Ping(pods[1, 1], family.pod(1, 2)), 3) == 3, f"{family.name}: pods of one node talk")
    lab.check(Ping(pods[1, 1], family.pod(2, 1)).attempt(8 * SLOWNESS) is not None, "  a pod reaches one of the other node, from the first packet on")
    lab.check(answered(Ping(nodes[0], family.pod(2, 1)), 3) == 3 and bool(own(middle.flush(), family)),
              "  what the node itself sends to pods of the other goes in the clear, as the page says")


def run_in(lab: Lab, family: Family) -> None:
    network = lab.network()
    nodes = [add_node(network, family, number) for number in (1, 2)]
    pods = {(number, pod): add_pod(network, family, nodes[number - 1], number, pod) for number in (1, 2) for pod in (1, 2)}
    wire = network.tapped_link("wire", nodes[0], "eth0", nodes[1], "eth0")
    network.build()
    middle = lab.capture(wire, "left", f"middle-{family.name}")
    gateways = first, second = (lab.gateway(nodes[0], Config([family.node(1)], [])), lab.gateway(nodes[1], Config([family.node(2)], [])))
    file, whole = files()
    write(gateways, file, family, {})
    lab.start_gateways(first, second)
    alone(lab, family, nodes, pods, middle)

    write(gateways, whole, family, {"192.0.2.0/24": family.nodes})
    for gateway in gateways:
        gateway.tedd.ctl("reload")
    before = len(own(middle.flush(), family))
    lab.check(answered(Ping(nodes[0], family.pod(1, 1)), 3) == 3 and answered(Ping(pods[1, 1], family.node(1)), 3) == 3,
              "  with the three rules a node and its own pods talk as before")
    lab.cross(Ping(nodes[0], family.pod(2, 2)), f"a ping from a node to a pod of the other one, in {family.name}", 15)
    lab.cross(Ping(pods[1, 2], family.node(2)), f"a ping from a pod to the other node, in {family.name}", 15)
    lab.say("  a node reaches pods of the other one, and a pod the other node")
    lab.check(answered(Ping(nodes[0], family.pod(2, 1)), 3) == 3 and answered(Ping(pods[2, 1], family.node(1)), 3) == 3
              and answered(Ping(pods[1, 1], family.pod(2, 1)), 3) == 3, "  nodes and pods, in either direction, and pods among themselves")
    packets = middle.flush()
    clear = own(packets, family)[before:]
    lab.check(not clear, "  and of that not one packet is in the clear", "; ".join(map(str, clear[:5])))
    clear = in_the_clear(packets, family.pods, family.pods)
    lab.check(bool(encrypted(packets)) and not clear, "  nor one between pods in all of this", "; ".join(map(str, clear[:5])))
    for gateway in gateways:
        gateway.tedd.stop()


def run(lab: Lab) -> None:
    run_in(lab, V4)
    run_in(lab, V6)

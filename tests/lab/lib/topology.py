"""A lab's network: nodes are namespaces, links are veth pairs, a tapped link is a cable with a bridge in the middle to listen at.

Why the bridge: on a gateway's own interface, packets that left a kernel ESP tunnel show up a second time in the clear, as if they
had come in so. In the middle of the cable there is only what was on the wire.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from . import netns
from .process import run

_NODE_SYSCTLS = {
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.conf.default.send_redirects": 0,
    "net.ipv6.conf.all.accept_dad": 0,
    "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv6.conf.default.router_solicitations": 0,
}
_ROUTER_SYSCTLS = {"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1}


@dataclass
class Node:
    """A host or a router. Commands gather until the network is built."""

    name: str
    namespace: str
    router: bool
    commands: list[str] = field(default_factory=lambda: ["link set lo up"])

    @property
    def label(self) -> str:
        """Its name, told apart from the same name in another network of the lab."""
        return self.namespace.partition("-")[2]

    def address(self, interface: str, *addresses: str) -> Node:
        for address in addresses:
            nodad = " nodad" if ":" in address else ""
            self.commands.append(f"addr add {address} dev {interface}{nodad}")
        return self

    def route(self, destination: str, via: str) -> Node:
        """`destination` may be "default"."""
        self.commands.append(f"route add {destination} via {via}")
        return self


class Network:
    """Every namespace carries the run's prefix, so that labs run side by side and clean up after themselves alone."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.nodes: list[Node] = []
        self._links: list[str] = []
        self._built = False

    def host(self, name: str) -> Node:
        return self._add(name, router=False)

    def router(self, name: str) -> Node:
        return self._add(name, router=True)

    def link(self, left: Node, left_interface: str, right: Node, right_interface: str) -> None:
        self._links.append(f"link add name {left_interface} netns {left.namespace} type veth peer name {right_interface} netns {right.namespace}")
        left.commands.append(f"link set {left_interface} up")
        right.commands.append(f"link set {right_interface} up")

    def tapped_link(self, name: str, left: Node, left_interface: str, right: Node, right_interface: str) -> Node:
        """A link with a place to capture: the returned node's interface `left` sees all that crosses, in either direction."""
        cable = self._add(name, router=False)
        self.link(left, left_interface, cable, "left")
        self.link(cable, "right", right, right_interface)
        cable.commands += ["link add name cable type bridge mcast_snooping 0", "link set left master cable", "link set right master cable",
                           "link set cable up"]
        return cable

    def build(self) -> None:
        """One `ip` for all namespaces, one for all links, one a node."""
        self._built = True
        run(["ip", "-batch", "-"], text="".join(f"netns add {node.namespace}\n" for node in self.nodes))
        for node in self.nodes:      # before there are interfaces, which take the defaults when they are made
            for name, value in (_NODE_SYSCTLS | (_ROUTER_SYSCTLS if node.router else {})).items():
                netns.set_sysctl(node.namespace, name, value)
        run(["ip", "-batch", "-"], text="\n".join(self._links) + "\n")
        for node in self.nodes:
            # Addresses before routes, links up before both, whatever order the lab wrote them in.
            ordered = sorted(node.commands, key=lambda line: (line.startswith("route"), line.startswith("addr")))
            run(["ip", "-n", node.namespace, "-batch", "-"], text="\n".join(ordered) + "\n")

    def remove(self) -> None:
        if self._built:
            run(["ip", "-force", "-batch", "-"], text="".join(f"netns del {node.namespace}\n" for node in self.nodes), check=False)
            self._built = False

    def _add(self, name: str, *, router: bool) -> Node:
        node = Node(name, f"{self.prefix}-{name}", router)
        self.nodes.append(node)
        return node


def remove_leftovers(prefix: str) -> None:
    """Deletes the namespaces that a killed lab of this prefix left behind."""
    listed = run(["ip", "netns", "list"], check=False).stdout.split("\n")
    left = [line.split()[0] for line in listed if line.startswith(prefix + "-")]
    if left:
        run(["ip", "-force", "-batch", "-"], text="".join(f"netns del {name}\n" for name in left), check=False)

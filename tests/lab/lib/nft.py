"""nftables of a node: what stands, and a guard written by hand for labs without tedd."""
from __future__ import annotations

import re
import socket
import struct

from . import netns
from .process import run
from .topology import Node

GUARD, INTERCEPTION, SAFETY_NET = "opented", "opented_wire", "opented_net"


def tables(node: Node) -> set[str]:
    """The names of the inet tables, but for the safety net, which stands wherever tedd has a guard."""
    listed = run(["nft", "list", "tables", "inet"], namespace=node.namespace).stdout
    return {line.split()[2] for line in listed.splitlines() if line.startswith("table inet ")} - {SAFETY_NET}


def ruleset(node: Node, table: str) -> str:
    return run(["nft", "list", "table", "inet", table], namespace=node.namespace, check=False).stdout


def load(node: Node, text: str) -> None:
    run(["nft", "-f", "-"], namespace=node.namespace, text=text)


def editions(node: Node) -> set[str]:
    """Whose chains are in the guard's table, whether packets meet them or not."""
    listed = run(["nft", "list", "chains", "inet"], namespace=node.namespace).stdout
    return set(re.findall(r"^\tchain forward\.(\d+) ", listed, re.M))


def without_editions(text: str) -> str:
    """The names of chains and sets without the numbers that each replacement gives them anew."""
    return re.sub(r"\b([a-z]\w*)\.\d+\b", r"\1", text)


def generation(node: Node) -> int:
    """How many transactions the node's kernel has taken, by NFT_MSG_GETGEN; it takes no time, whatever stands."""
    with netns.open_socket(node.namespace, socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:
        netlink.send(struct.pack("=IHHII", 20, 10 << 8 | 16, 1, 0, 0) + bytes(4))
        answer = netlink.recv(4096)
    return int(struct.unpack_from(">I", answer, 24)[0])         # the first attribute, behind two headers and its own

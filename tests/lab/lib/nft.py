"""nftables of a node: what stands, and a guard written by hand for labs without tedd."""
from __future__ import annotations

from .process import run
from .topology import Node

GUARD, INTERCEPTION = "opented", "opented_wire"


def tables(node: Node) -> set[str]:
    """The names of the inet tables."""
    listed = run(["nft", "list", "tables", "inet"], namespace=node.namespace).stdout
    return {line.split()[2] for line in listed.splitlines() if line.startswith("table inet ")}


def ruleset(node: Node, table: str) -> str:
    return run(["nft", "list", "table", "inet", table], namespace=node.namespace, check=False).stdout


def load(node: Node, text: str) -> None:
    run(["nft", "-f", "-"], namespace=node.namespace, text=text)

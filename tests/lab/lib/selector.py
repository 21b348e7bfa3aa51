"""Traffic selectors as one comparable value, whether strongSwan or tedd wrote them."""
from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ANY_PORT = (0, 65535)
_PARTS = re.compile(r"^(?P<network>[0-9a-fA-F.:/\-]+)(?:\[(?P<protocol>[^\]/]*)(?:/(?P<ports>[^\]]*))?\])?$")


@dataclass(frozen=True)
class Side:
    """One side of a selector: a network, and ports of one protocol (None is any)."""

    network: str
    protocol: int | None
    ports: tuple[int, int]


@dataclass(frozen=True, order=True)
class Selector:
    """Everything from one gateway's side."""

    local: str
    remote: str
    protocol: str = "any"
    local_port: tuple[int, int] = ANY_PORT
    remote_port: tuple[int, int] = ANY_PORT

    def mirrored(self) -> Selector:
        return Selector(self.remote, self.local, self.protocol, self.remote_port, self.local_port)

    def __str__(self) -> str:
        def side(network: str, ports: tuple[int, int]) -> str:
            if ports == ANY_PORT:
                return network
            low, high = ports
            return f"{network} port {low}" if low == high else f"{network} ports {low}-{high}"
        return f"{self.protocol} {side(self.local, self.local_port)} <-> {side(self.remote, self.remote_port)}"


def _protocol_name(number: int | None) -> str:
    return "any" if number is None else {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}.get(number, str(number))


def _protocol_number(text: str) -> int:
    return int(text) if text.isdigit() else socket.getprotobyname(text)


def _port_number(text: str, protocol: int) -> int:
    return int(text) if text.isdigit() else socket.getservbyname(text, {6: "tcp", 17: "udp"}.get(protocol, ""))


def parse_side(text: str) -> Side:
    """As strongSwan prints it: 10.2.0.0/24, 10.2.0.0/24[tcp], 10.2.0.0/24[tcp/https], 10.2.0.7/32[udp/1000-2000]."""
    parts = _PARTS.match(text)
    if not parts:
        raise ValueError(f"not a traffic selector: {text}")
    if not parts["protocol"]:
        return Side(parts["network"], None, ANY_PORT)
    protocol = _protocol_number(parts["protocol"])
    if not parts["ports"]:
        return Side(parts["network"], protocol, ANY_PORT)
    # A service's name may itself have a hyphen in it; a range is two numbers.
    bounds = parts["ports"].split("-") if re.fullmatch(r"\d+-\d+", parts["ports"]) else [parts["ports"]] * 2
    return Side(parts["network"], protocol, (_port_number(bounds[0], protocol), _port_number(bounds[1], protocol)))


def from_sides(local: list[str], remote: list[str]) -> list[Selector]:
    """What a CHILD_SA with these lists covers: the product of the two."""
    found = []
    for near in map(parse_side, local):
        for far in map(parse_side, remote):
            if near.protocol is not None and far.protocol is not None and near.protocol != far.protocol:
                continue
            protocol = near.protocol if near.protocol is not None else far.protocol
            found.append(Selector(near.network, far.network, _protocol_name(protocol), near.ports, far.ports))
    return sorted(found)


def from_json(value: Mapping[str, Any]) -> Selector:
    """As tedctl writes it."""
    protocol = value["protocol"]
    return Selector(value["local"], value["remote"], "any" if protocol == "any" else _protocol_name(int(protocol)),
                    tuple(value.get("local_port", ANY_PORT)), tuple(value.get("remote_port", ANY_PORT)))

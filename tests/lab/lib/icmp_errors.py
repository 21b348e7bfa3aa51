"""ICMP errors: packets that bring them about, how many a node has sent, and how many the guard has kept back."""
from __future__ import annotations

import contextlib
import re
import select
import socket

from . import netns, nft
from .process import run
from .topology import Node
from .wait import SLOWNESS

_IP_RECVERR, _IP_MTU_DISCOVER, _IPV6_RECVERR, _IPV6_MTU_DISCOVER, _DO = 11, 10, 25, 23, 2
_PORT = 33400


class Sender:
    """Datagrams that must not be fragmented, and what their host is told about them."""

    def __init__(self, node: Node, version: int) -> None:
        self._six = version == 6
        self._socket = netns.open_socket(node.namespace, socket.AF_INET6 if self._six else socket.AF_INET, socket.SOCK_DGRAM)
        level = socket.IPPROTO_IPV6 if self._six else socket.IPPROTO_IP
        self._hops = (level, socket.IPV6_UNICAST_HOPS if self._six else socket.IP_TTL)
        self._socket.setsockopt(level, _IPV6_RECVERR if self._six else _IP_RECVERR, 1)
        self._socket.setsockopt(level, _IPV6_MTU_DISCOVER if self._six else _IP_MTU_DISCOVER, _DO)

    def send(self, content: bytes, host: str, hops: int = 64, size: int = 100) -> None:
        """`size` is that of the whole packet, which the content fills over and over."""
        room = size - (48 if self._six else 28)
        self._socket.setsockopt(*self._hops, hops)
        with contextlib.suppress(OSError):           # an error about an earlier one
            self._socket.sendto((content * 100)[:room], (host, _PORT))

    def told(self, seconds: float = 5) -> bool:
        """Whether an ICMP error about one of them arrived."""
        poll = select.poll()
        poll.register(self._socket, 0)               # POLLERR comes unasked
        if not poll.poll(1000 * seconds * SLOWNESS):
            return False
        self._socket.recvmsg(2048, 2048, socket.MSG_ERRQUEUE)
        return True


def errors_made(node: Node) -> int:
    """ICMP errors of both families that the node has sent, by its own kernel's account."""
    text = run(["sh", "-c", "cat /proc/net/snmp /proc/net/snmp6"], namespace=node.namespace).stdout
    names, values = (line.split()[1:] for line in re.findall(r"^Icmp: .*$", text, re.MULTILINE))
    count = sum(int(value) for name, value in zip(names, values, strict=True) if name in ("OutDestUnreachs", "OutTimeExcds"))
    return count + sum(int(value) for value in re.findall(r"^Icmp6Out(?:DestUnreachs|TimeExcds|PktTooBigs)\s+(\d+)", text, re.MULTILINE))


def kept_back(node: Node) -> int:
    """Errors that the guard has dropped for what they quote."""
    lines = [line for line in nft.ruleset(node, nft.GUARD).splitlines() if "quoted by an ICMP error" in line and " drop " in line]
    return sum(int(count) for line in lines for count in re.findall(r"counter packets (\d+)", line))

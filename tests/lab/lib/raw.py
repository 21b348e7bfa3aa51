"""Hand-made datagrams: any source address, bytes as given, through a namespace's routes; and a listener for what comes back."""
from __future__ import annotations

import ipaddress
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

from . import netns
from .checksum import internet_checksum
from .topology import Node
from .wait import SLOWNESS


def udp_packet(source: str, source_port: int, destination: str, destination_port: int, datagram: bytes) -> bytes:
    """An IPv4 or IPv6 packet with right checksums; TTL 64."""
    near, far = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    length = 8 + len(datagram)
    header = struct.pack(">HHHH", source_port, destination_port, length, 0)
    pseudo = near.packed + far.packed + struct.pack(">II", length, socket.IPPROTO_UDP)
    checksum = internet_checksum(pseudo + header + datagram) or 0xFFFF
    udp = header[:6] + struct.pack(">H", checksum) + datagram
    if near.version == 6:
        return struct.pack(">IHBB", 6 << 28, length, socket.IPPROTO_UDP, 64) + near.packed + far.packed + udp
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0x1234, 0, 64, socket.IPPROTO_UDP, 0) + near.packed + far.packed
    return ip[:10] + struct.pack(">H", internet_checksum(ip)) + ip[12:] + udp


def _bypass_ipsec(sock: socket.socket, family: socket.AddressFamily) -> None:
    """A policy of the socket's own, struct xfrm_userpolicy_info: whatever it sends, out, allow, without a transformation."""
    policy = bytearray(168)
    struct.pack_into("=H", policy, 40, family)
    policy[160] = 1
    level, option = (socket.IPPROTO_IP, 17) if family == socket.AF_INET else (socket.IPPROTO_IPV6, 35)
    sock.setsockopt(level, option, bytes(policy))


def send(node: Node, *packets: bytes, interface: str = "") -> None:
    """Sends whole IP packets of one family to one destination from the node, as fast as it can. With an interface: by its routes only, past tunnels."""
    version = packets[0][0] >> 4
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    destination = packets[0][16:20] if version == 4 else packets[0][24:40]
    target = (str(ipaddress.ip_address(destination)), 0)
    with netns.open_socket(node.namespace, family, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        if interface:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            _bypass_ipsec(sock, family)
        for packet in packets:
            sock.sendto(packet, target)


def send_each(node: Node, *packets: bytes) -> None:
    """Sends whole IPv4 packets, each to its own destination."""
    with netns.open_socket(node.namespace, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        for packet in packets:
            sock.sendto(packet, (str(ipaddress.ip_address(packet[16:20])), 0))


@contextmanager
def listener(node: Node, address: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with netns.open_socket(node.namespace, family, socket.SOCK_DGRAM) as sock:
        sock.bind((address, port))
        yield sock


def receive(sock: socket.socket, seconds: float = 3) -> tuple[bytes, str, int] | None:
    """One datagram with its sender's address and port; None when none comes in time."""
    sock.settimeout(seconds * SLOWNESS)
    try:
        content, sender = sock.recvfrom(65535)
    except TimeoutError:
        return None
    return content, sender[0], sender[1]


def drain(sock: socket.socket) -> list[bytes]:
    """What already waits at the socket, without waiting for more."""
    sock.setblocking(False)
    found: list[bytes] = []
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            found.append(sock.recv(65535))
        except BlockingIOError:
            break
    return found

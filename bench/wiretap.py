"""When a first packet, TED and IKE passed a gateway's interface, by the kernel's own stamp; and when its nftables changed."""
from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from lib import netns
from vici import now

_ETH_P_ALL = 3
_ETH_P_IP = 0x0800
_UDP = 17
_SO_TIMESTAMPNS = 35
_PROBE, _RESPONSE, _IKE_SA_INIT, _IKE_AUTH = 240, 241, 34, 35
_IS_RESPONSE = 0x20
_NETLINK_NETFILTER = 12
_NFTABLES_GROUP = 7
_NEW_GENERATION = 10 << 8 | 15

DISCARD = 9        # the port of a first packet, which nobody answers

_NAMES = {(_PROBE, False): "probe", (_RESPONSE, False): "response", (_IKE_SA_INIT, False): "IKE_SA_INIT", (_IKE_SA_INIT, True): "IKE_SA_INIT answer",
          (_IKE_AUTH, False): "IKE_AUTH", (_IKE_AUTH, True): "IKE_AUTH answer"}


@dataclass(frozen=True)
class Seen:
    name: str
    at: int        # ns, as vici.now()


def _classify(packet: bytes) -> str | None:
    """`packet` from its IPv4 header on."""
    if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != _UDP:
        return None
    udp = (packet[0] & 15) * 4
    source, destination = struct.unpack_from(">HH", packet, udp)
    if destination == DISCARD:
        return "first packet"
    isakmp = packet[udp + 8:]
    if 4500 in (source, destination):
        if isakmp[:4] != bytes(4):       # ESP in UDP
            return None
        isakmp = isakmp[4:]
    elif 500 not in (source, destination):
        return None
    if len(isakmp) < 28:
        return None
    return _NAMES.get((isakmp[18], bool(isakmp[19] & _IS_RESPONSE)))


class Wiretap:
    """Listens from construction on; packets wait in the kernel until they are asked for."""

    def __init__(self, namespace: str, interface: str) -> None:
        self._socket = netns.open_socket(namespace, socket.AF_PACKET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind((interface, _ETH_P_ALL))
        self._socket.setblocking(False)

    def take(self) -> list[Seen]:
        """All since the last call."""
        found = []
        while True:
            try:
                packet, notes, _, address = self._socket.recvmsg(256, 256)
            except BlockingIOError:
                return found
            name = _classify(packet) if address[1] == _ETH_P_IP else None
            for level, kind, data in notes:
                if name and (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                    seconds, nanoseconds = struct.unpack("qq", data[:16])
                    found.append(Seen(name, seconds * 1_000_000_000 + nanoseconds))


class RulesWatch:
    """Hears of every nftables transaction of a namespace."""

    def __init__(self, namespace: str) -> None:
        self._socket = netns.open_socket(namespace, socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.bind((0, 1 << (_NFTABLES_GROUP - 1)))
        self._socket.settimeout(3)

    def forget(self) -> None:
        """What was not read yet is of no interest any more."""
        self._socket.setblocking(False)
        try:
            while self._socket.recv(65536):
                pass
        except BlockingIOError:
            self._socket.settimeout(3)

    def wait_change(self) -> int:
        """When the end of the next transaction was heard."""
        while True:
            messages = self._socket.recv(65536)
            came = now()
            while len(messages) >= 16:
                length, kind = struct.unpack_from("=IH", messages)
                if kind == _NEW_GENERATION:
                    return came
                messages = messages[(length + 3) & ~3:]

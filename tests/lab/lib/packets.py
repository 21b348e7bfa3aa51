"""What crossed a link, one value a packet: dissected from raw frames and named by what it is to a tunnel."""
from __future__ import annotations

import enum
import ipaddress
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import ted

ICMP, TCP, UDP, ESP, ICMPV6 = 1, 6, 17, 50, 58
IKE_PORT, NAT_T_PORT = 500, 4500
_ETHERTYPES = {0x0800: 4, 0x86DD: 6}
_TAGS = (0x8100, 0x88A8)
_V6_EXTENSIONS = (0, 43, 60)
PROTOCOL_NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ESP: "esp", ICMPV6: "ipv6-icmp"}


class Kind(enum.Enum):
    PROBE = "TED probe"
    RESPONSE = "TED response"
    PROBE_ERROR = "ICMP error about a TED probe"
    IKE = "IKE"
    ESP = "ESP"
    ESP_IN_UDP = "ESP in UDP"
    KEEPALIVE = "NAT keepalive"
    NEIGHBOUR = "neighbour discovery"
    PLAIN = "plain"


@dataclass(frozen=True)
class Packet:
    """An IP packet as it was on the wire; `layer4` starts at its transport header, ports are type and code for ICMP."""

    time: float
    raw: bytes
    source: ted.Address
    destination: ted.Address
    protocol: int
    ttl: int
    layer4: bytes
    fragment: bool

    @property
    def ports(self) -> tuple[int, int]:
        if self.fragment or len(self.layer4) < 4:
            return 0, 0
        if self.protocol in (ICMP, ICMPV6):
            return self.layer4[0], self.layer4[1]
        if self.protocol in (TCP, UDP):
            return struct.unpack_from(">HH", self.layer4)
        return 0, 0

    @property
    def datagram(self) -> bytes:
        """The content of a UDP packet, as long as its header says."""
        return self.layer4[8:struct.unpack_from(">H", self.layer4, 4)[0]] if self.protocol == UDP and len(self.layer4) >= 8 else b""

    @property
    def kind(self) -> Kind:
        if self.protocol == ESP:
            return Kind.ESP
        if self.protocol == UDP and not self.fragment:
            return _udp_kind(self.ports, self.datagram)
        if _is_error_about_probe(self):
            return Kind.PROBE_ERROR
        if self.protocol == ICMPV6 and 130 <= self.ports[0] <= 143:
            return Kind.NEIGHBOUR
        return Kind.PLAIN

    def between(self, one: str, other: str) -> bool:
        """Whether its ends lie in the two networks, in either direction."""
        first, second = ipaddress.ip_network(one), ipaddress.ip_network(other)
        return (self.source in first and self.destination in second) or (self.source in second and self.destination in first)

    def untouched_part(self) -> bytes:
        """Its bytes without what every router on the way changes: TTL and, in IPv4, the header's checksum."""
        if self.source.version == 6:
            return self.raw[:7] + b"\0" + self.raw[8:]
        return self.raw[:8] + b"\0" + self.raw[9:10] + b"\0\0" + self.raw[12:]

    def __str__(self) -> str:
        name = PROTOCOL_NAMES.get(self.protocol, str(self.protocol))
        low, high = self.ports
        if self.protocol in (TCP, UDP):
            return f"{self.kind.value:<12} {self.source}:{low} > {self.destination}:{high} {name} {len(self.raw)} B"
        return f"{self.kind.value:<12} {self.source} > {self.destination} {name} {len(self.raw)} B"


def _exchange(datagram: bytes) -> int | None:
    """240 or 241 when the bytes are an ISAKMP header of IKE major version 1 with such an exchange."""
    if len(datagram) >= ted.HEADER.size and datagram[17] == ted.VERSION_1_0 and datagram[18] in (ted.PROBE, ted.RESPONSE):
        return datagram[18]
    return None


def _udp_kind(ports: tuple[int, int], datagram: bytes) -> Kind:
    if ports[1] == IKE_PORT and (exchange := _exchange(datagram)):
        return Kind.PROBE if exchange == ted.PROBE else Kind.RESPONSE
    if IKE_PORT in ports:
        return Kind.IKE
    if NAT_T_PORT in ports:
        if datagram == b"\xff":
            return Kind.KEEPALIVE
        return Kind.IKE if datagram[:4] == bytes(4) else Kind.ESP_IN_UDP
    return Kind.PLAIN


def _is_error_about_probe(packet: Packet) -> bool:
    """A host that a probe reaches has no listener on its port and says so, quoting the probe."""
    errors = {ICMP: (3, 11), ICMPV6: (1, 3)}
    if packet.fragment or packet.ports[0] not in errors.get(packet.protocol, ()):
        return False
    quoted = _ip(packet.time, packet.layer4[8:])
    return quoted is not None and quoted.protocol == UDP and quoted.ports[1] == IKE_PORT and (
        len(quoted.layer4) < 27 or quoted.layer4[25:27] == bytes((ted.VERSION_1_0, ted.PROBE)))


def _ip(time: float, raw: bytes) -> Packet | None:
    if len(raw) >= 20 and raw[0] >> 4 == 4:
        header, total = (raw[0] & 15) * 4, struct.unpack_from(">H", raw, 2)[0]
        offset = struct.unpack_from(">H", raw, 6)[0] & 0x1FFF
        return Packet(time, raw[:total], ipaddress.IPv4Address(raw[12:16]), ipaddress.IPv4Address(raw[16:20]), raw[9], raw[8],
                      raw[header:total], offset != 0)
    if len(raw) >= 40 and raw[0] >> 4 == 6:
        end = 40 + struct.unpack_from(">H", raw, 4)[0]
        following, start = raw[6], 40
        while following in _V6_EXTENSIONS and len(raw) >= start + 8:
            following, start = raw[start], start + 8 + raw[start + 1] * 8
        return Packet(time, raw[:end], ipaddress.IPv6Address(raw[8:24]), ipaddress.IPv6Address(raw[24:40]), following, raw[7],
                      raw[start:end], False)
    return None


def _untagged(frame: bytes) -> bytes:
    """What an Ethernet frame carries of IP, behind any VLAN tags; empty for anything else."""
    at = 12
    while len(frame) >= at + 2 and struct.unpack_from(">H", frame, at)[0] in _TAGS:
        at += 4
    return frame[at + 2:] if len(frame) >= at + 2 and struct.unpack_from(">H", frame, at)[0] in _ETHERTYPES else b""


def read_pcap(path: Path) -> list[Packet]:
    """The IP packets of a capture of Ethernet frames, in order. A record that is still being written is left for the next reading."""
    content = path.read_bytes() if path.exists() else b""
    if len(content) < 24:
        return []
    order = "<" if content[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    fraction = 1e-9 if content[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1e-6
    record = struct.Struct(order + "IIII")
    packets, offset = [], 24
    while offset + record.size <= len(content):
        seconds, part, captured, _ = record.unpack_from(content, offset)
        frame = content[offset + record.size:offset + record.size + captured]
        if len(frame) < captured:
            break
        offset += record.size + captured
        inside = _untagged(frame)
        packet = _ip(seconds + part * fraction, inside) if inside else None
        if packet:
            packets.append(packet)
    return packets


def count(packets: list[Packet], test: Callable[[Packet], bool]) -> int:
    return sum(1 for packet in packets if test(packet))


def of_frame(frame: bytes, time: float = 0.0) -> Packet | None:
    """The IP packet in an Ethernet frame; None when it carries none."""
    return _ip(time, inside) if (inside := _untagged(frame)) else None

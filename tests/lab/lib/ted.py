"""The TED wire format, written a second time from its description and from nothing else: what the labs check the daemon against.

Big endian throughout. ISAKMP header (28 bytes), then payloads, each with a generic header of four bytes.
"""
from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

VERSION_1_0 = 0x10
PROBE, RESPONSE = 240, 241
PAYLOAD_NONE, PAYLOAD_ID, PAYLOAD_HASH, PAYLOAD_VENDOR = 0, 5, 8, 13
CAN_KEYED_HASH = 2
ID_IPV4, ID_IPV4_SUBNET, ID_IPV6, ID_IPV6_SUBNET = 1, 4, 5, 6
HEADER = struct.Struct(">8s8sBBBBII")
GENERIC = struct.Struct(">BBH")


def _hash_of(text: str) -> bytes:
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


VENDOR_HASH = _hash_of("OpenTED TED version #3")
SUMMARY_HASH = _hash_of("Cisco TED Probe version #3")
PROXY_HASH = _hash_of("OpenTED TED Response version #3")
PADDING_HASH = _hash_of("OpenTED TED padding")
PROOF_HASH = _hash_of("OpenTED TED Proof version #3")
KEYED_HASH_LABEL = b"OpenTED discovery, keyed hash\0"


class DecodeError(ValueError):
    """A datagram that the format does not allow."""


@dataclass(frozen=True)
class HalfProxy:
    address: Address
    mask: Address

    def __str__(self) -> str:
        return _masked(self.address, self.mask)


@dataclass(frozen=True)
class Summary:
    """The packet that started it. For ICMP the ports are type and code."""

    protocol: int
    source: Address
    destination: Address
    source_port: int
    destination_port: int


@dataclass(frozen=True)
class Proxy:
    """A full proxy, from the responder's side; 0 is any."""

    protocol: int
    local: HalfProxy
    remote: HalfProxy
    local_port: int
    remote_port: int
    zero_ports: int = 0
    """Bit 0: the local port is 0 itself, not any; bit 1: the remote one."""


@dataclass(frozen=True)
class Message:
    exchange: int
    initiator_cookie: bytes
    responder_cookie: bytes
    gateway: Address
    half_proxy: HalfProxy | None = None
    capabilities: int | None = None
    summary: Summary | None = None
    proxy: Proxy | None = None
    padding: int = 0


def _masked(address: Address, mask: Address) -> str:
    bits = int(mask)
    width = mask.max_prefixlen
    length = bits.bit_count()
    contiguous = bits == ((1 << length) - 1) << (width - length)
    return f"{address}/{length if contiguous else mask}"


def half_proxy(text: str) -> HalfProxy:
    """From "10.1.0.0/16"."""
    network = ipaddress.ip_network(text)
    return HalfProxy(network.network_address, network.netmask)


# Encoding

def encode(message: Message) -> bytes:
    payloads: list[tuple[int, bytes]] = []
    if message.capabilities is not None:
        payloads.append((PAYLOAD_VENDOR, VENDOR_HASH + struct.pack(">I", message.capabilities)))
    payloads.append((PAYLOAD_ID, _identity(message.gateway, None)))
    if message.half_proxy:
        payloads.append((PAYLOAD_ID, _identity(message.half_proxy.address, message.half_proxy.mask)))
    if message.summary:
        payloads.append((PAYLOAD_VENDOR, SUMMARY_HASH + _encode_summary(message.summary)))
    if message.proxy:
        payloads.append((PAYLOAD_VENDOR, PROXY_HASH + _encode_proxy(message.proxy)))
    if message.padding:
        if message.padding < GENERIC.size + len(PADDING_HASH):
            raise ValueError("a padding payload has at least 20 bytes")
        payloads.append((PAYLOAD_VENDOR, PADDING_HASH + bytes(message.padding - GENERIC.size - len(PADDING_HASH))))
    return assemble(message.exchange, message.initiator_cookie, message.responder_cookie, payloads)


def assemble(exchange: int, initiator_cookie: bytes, responder_cookie: bytes, payloads: list[tuple[int, bytes]], *, version: int = VERSION_1_0) -> bytes:
    """A datagram of any payloads; the chain and the lengths are right, nothing else is looked at."""
    kinds = [kind for kind, _ in payloads] + [PAYLOAD_NONE]
    body = b"".join(GENERIC.pack(following, 0, GENERIC.size + len(content)) + content
                    for (_, content), following in zip(payloads, kinds[1:], strict=True))
    return HEADER.pack(initiator_cookie, responder_cookie, kinds[0], version, exchange, 0, 0, HEADER.size + len(body)) + body


# Proofs by a discovery key

def seal(datagram: bytes, key: str, seconds: float) -> bytes:
    """The datagram with a keyed hash that was made at that time of day."""
    payloads = _payloads(datagram, datagram[16])
    payloads.append((PAYLOAD_VENDOR, PROOF_HASH + struct.pack(">Q", int(seconds * 1000))))
    payloads.append((PAYLOAD_HASH, bytes(32)))
    covered = assemble(datagram[18], datagram[:8], datagram[8:16], payloads)[:-32]
    return covered + hmac.digest(key.encode(), KEYED_HASH_LABEL + covered, "sha256")


def holds(datagram: bytes, key: str) -> bool:
    """Whether it ends with a keyed hash by that key."""
    payloads = _payloads(datagram, datagram[16])
    if len(payloads) < 2 or payloads[-1][0] != PAYLOAD_HASH or payloads[-2][1][:16] != PROOF_HASH:
        return False
    return hmac.compare_digest(payloads[-1][1], hmac.digest(key.encode(), KEYED_HASH_LABEL + datagram[:-32], "sha256"))


def _identity(address: Address, mask: Address | None) -> bytes:
    kinds = {(4, False): ID_IPV4, (4, True): ID_IPV4_SUBNET, (6, False): ID_IPV6, (6, True): ID_IPV6_SUBNET}
    return struct.pack(">BBH", kinds[address.version, mask is not None], 0, 0) + address.packed + (mask.packed if mask else b"")


def _encode_summary(summary: Summary) -> bytes:
    return (struct.pack(">BBBB", 3, summary.source.version, summary.protocol, 0) + summary.source.packed + summary.destination.packed
            + struct.pack(">HH", summary.source_port, summary.destination_port))


def _encode_proxy(proxy: Proxy) -> bytes:
    addresses = (proxy.local.address, proxy.local.mask, proxy.remote.address, proxy.remote.mask)
    return (struct.pack(">BBBB", 3, proxy.local.address.version, proxy.protocol, proxy.zero_ports) + b"".join(address.packed for address in addresses)
            + struct.pack(">HH", proxy.local_port, proxy.remote_port))


# Decoding

def decode(datagram: bytes) -> Message:
    """The whole datagram or DecodeError."""
    if len(datagram) < HEADER.size:
        raise DecodeError(f"{len(datagram)} bytes are no ISAKMP header")
    icookie, rcookie, following, version, exchange, flags, message_id, length = HEADER.unpack_from(datagram)
    if version != VERSION_1_0 or exchange not in (PROBE, RESPONSE):
        raise DecodeError(f"version {version:#x} exchange {exchange} is not TED")
    if flags or message_id:
        raise DecodeError("flags and message ID are 0 in TED")
    if length != len(datagram):
        raise DecodeError(f"the header says {length} bytes, there are {len(datagram)}")
    if (exchange == PROBE) != (rcookie == bytes(8)):
        raise DecodeError("a probe has no responder cookie, a response has one")
    identities: list[tuple[Address, Address | None]] = []
    capabilities: int | None = None
    summary: Summary | None = None
    proxy: Proxy | None = None
    padding = 0
    for kind, content in _payloads(datagram, following):
        if kind == PAYLOAD_ID:
            identities.append(_decode_identity(content))
        elif kind == PAYLOAD_VENDOR and content[:16] == VENDOR_HASH:
            capabilities = _exactly(">I", content[16:])[0]
        elif kind == PAYLOAD_VENDOR and content[:16] == SUMMARY_HASH:
            summary = _decode_summary(content[16:])
        elif kind == PAYLOAD_VENDOR and content[:16] == PROXY_HASH:
            proxy = _decode_proxy(content[16:])
        elif kind == PAYLOAD_VENDOR and content[:16] == PADDING_HASH:
            padding = GENERIC.size + len(content)
    if not identities or identities[0][1] is not None:
        raise DecodeError("the first ID payload is the gateway's address")
    half = next((HalfProxy(address, mask) for address, mask in identities[1:] if mask is not None), None)
    return Message(exchange, icookie, rcookie, identities[0][0], half, capabilities, summary, proxy, padding)


def _payloads(datagram: bytes, kind: int) -> list[tuple[int, bytes]]:
    offset, found = HEADER.size, []
    while kind != PAYLOAD_NONE:
        if len(datagram) - offset < GENERIC.size:
            raise DecodeError(f"payload header cut off at {offset}")
        following, _, length = GENERIC.unpack_from(datagram, offset)
        if length < GENERIC.size or offset + length > len(datagram):
            raise DecodeError(f"payload of {length} bytes at {offset}")
        found.append((kind, datagram[offset + GENERIC.size:offset + length]))
        kind, offset = following, offset + length
    if offset != len(datagram):
        raise DecodeError(f"{len(datagram) - offset} bytes behind the last payload")
    return found


def _exactly(form: str, content: bytes) -> tuple[int, ...]:
    if len(content) != struct.calcsize(form):
        raise DecodeError(f"{len(content)} bytes where {struct.calcsize(form)} belong")
    return struct.unpack(form, content)


def _decode_identity(content: bytes) -> tuple[Address, Address | None]:
    if len(content) < 4:
        raise DecodeError("ID payload cut off")
    kind, protocol, port = struct.unpack_from(">BBH", content)
    if protocol or port:
        raise DecodeError("protocol and port of an ID payload are 0 in TED")
    widths = {ID_IPV4: (4, 1), ID_IPV4_SUBNET: (4, 2), ID_IPV6: (16, 1), ID_IPV6_SUBNET: (16, 2)}
    if kind not in widths:
        raise DecodeError(f"ID type {kind}")
    width, count = widths[kind]
    parts = _addresses(content[4:], width, count)
    return parts[0], parts[1] if count == 2 else None


def _addresses(content: bytes, width: int, count: int) -> list[Address]:
    if len(content) != width * count:
        raise DecodeError(f"{len(content)} bytes where {width * count} of addresses belong")
    return [ipaddress.ip_address(content[start:start + width]) for start in range(0, width * count, width)]


def _version_and_protocol(content: bytes, parts: int, flags: int) -> tuple[int, int]:
    """Checks the four leading bytes and the whole length; returns the address width and the IP protocol."""
    if len(content) < 4:
        raise DecodeError("vendor payload cut off")
    version, ip_version, protocol, reserved = content[:4]
    if version != 3 or ip_version not in (4, 6) or reserved & ~flags:
        raise DecodeError(f"version {version}, IP version {ip_version}, reserved {reserved}")
    width = 4 if ip_version == 4 else 16
    if len(content) != 4 + parts * width + 4:
        raise DecodeError(f"vendor payload of {len(content)} bytes")
    return width, protocol


def _decode_summary(content: bytes) -> Summary:
    width, protocol = _version_and_protocol(content, 2, flags=0)
    source, destination = _addresses(content[4:-4], width, 2)
    return Summary(protocol, source, destination, *struct.unpack(">HH", content[-4:]))


def _decode_proxy(content: bytes) -> Proxy:
    width, protocol = _version_and_protocol(content, 4, flags=3)
    local, local_mask, remote, remote_mask = _addresses(content[4:-4], width, 4)
    return Proxy(protocol, HalfProxy(local, local_mask), HalfProxy(remote, remote_mask), *struct.unpack(">HH", content[-4:]), content[3])

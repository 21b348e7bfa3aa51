#!/usr/bin/env python3
"""encode.py [--check]: makes the vector files beside it, or checks that they are what it makes.

An encoder of its own, written from docs/protocol.md and not from the C++ code: it computes the vendor ids, builds every
datagram from bytes, and says what a decoder must find. The cases are in cases.py. Python 3 and nothing else.
"""
import hashlib
import hmac
import ipaddress
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

PROBE, RESPONSE = 240, 241
ID, CERTIFICATE, HASH, SIGNATURE, VENDOR = 5, 6, 8, 9, 13
HEADER = 28
PADDED_PROBE = 208

CAPABILITIES = hashlib.md5(b"OpenTED TED version #3").digest()
SUMMARY = hashlib.md5(b"Cisco TED Probe version #3").digest()
PROXY = hashlib.md5(b"OpenTED TED Response version #3").digest()
OFFER = hashlib.md5(b"OpenTED TED Offer version #3").digest()
PROOF = hashlib.md5(b"OpenTED TED Proof version #3").digest()
PADDING = hashlib.md5(b"OpenTED TED padding").digest()


def packed(address):
    return ipaddress.ip_address(address).packed


def masked(text):
    """`10.1.0.0/255.255.0.0` as two byte strings; the mask may have any shape."""
    address, mask = text.split("/")
    return packed(address), packed(mask)


class Payload:
    """One payload; every byte of its generic header can be set wrong on purpose."""

    def __init__(self, kind, body, *, length=None, reserved=0, following=None):
        self.kind, self.body = kind, body
        self.length, self.reserved, self.following = length, reserved, following

    def bytes(self, following):
        following = following if self.following is None else self.following
        length = 4 + len(self.body) if self.length is None else self.length
        return struct.pack("!BBH", following, self.reserved, length) + self.body


def vendor(digest, rest=b"", **wrong):
    return Payload(VENDOR, digest + rest, **wrong)


def capabilities(bits, **wrong):
    return vendor(CAPABILITIES, struct.pack("!I", bits), **wrong)


def identity(kind, addresses, protocol=0, port=0, **wrong):
    return Payload(ID, struct.pack("!BBH", kind, protocol, port) + addresses, **wrong)


def gateway(address, **more):
    raw = packed(address)
    return identity(1 if len(raw) == 4 else 5, raw, **more)


def half_proxy(text, **more):
    address, mask = masked(text)
    return identity(4 if len(address) == 4 else 6, address + mask, **more)


def box(digest, addresses, protocol, ports, version=3, ip_version=None, reserved=0, **wrong):
    if ip_version is None:
        ip_version = 4 if len(addresses) in (8, 16) else 6
    fixed = struct.pack("!BBBB", version, ip_version, protocol, reserved)
    return vendor(digest, fixed + addresses + struct.pack("!HH", *ports), **wrong)


def summary(protocol, source, destination, ports=(0, 0), **more):
    addresses = packed(source) + packed(destination)
    return box(SUMMARY, addresses, protocol, ports, ip_version=more.pop("ip_version", 4 if len(addresses) == 8 else 6),
               **more)


ZERO = "zero"  # a port of a proxy that is 0 itself, where 0 says any


def proxy(protocol, local, remote, ports=(0, 0), **more):
    addresses = b"".join(masked(local) + masked(remote))
    flags = sum(bit for bit, port in zip((1, 2), ports) if port == ZERO)
    ports = [0 if port == ZERO else port for port in ports]
    more.setdefault("reserved", flags)
    return box(PROXY, addresses, protocol, ports, ip_version=more.pop("ip_version", 4 if len(addresses) == 16 else 6),
               **more)


def offer_address(text):
    """`10.1.0.0/16` as its length and the bytes that it needs; `10.0.0.1/255.0.0.255` as 255, address and mask."""
    address, mask = text.split("/")
    if "." in mask or ":" in mask:
        return b"\xff" + packed(address) + packed(mask)
    return bytes([int(mask)]) + packed(address)[:(int(mask) + 7) // 8]


def offer_ports(ports):
    return struct.pack("!HH", *ports)


def offer(protocol, local, remote, exempt=(), ip_version=4, flags=0, version=3, counts=None, reserved=0, behind=b""):
    """`local` and `remote`: lists of (address, ports); `exempt`: (protocol, local, local ports or None, remote, ...)."""
    with_ports = bool(flags & 2)
    body = bytes(counts or (len(local), len(remote), len(exempt))) + bytes([reserved])
    for address, ports in [*local, *remote]:
        body += offer_address(address) + (offer_ports(ports) if with_ports else b"")
    for number, near, near_ports, far, far_ports in exempt:
        body += bytes([number, (1 if near_ports else 0) | (2 if far_ports else 0)])
        body += offer_address(near) + offer_address(far)
        body += b"".join(offer_ports(ports) for ports in (near_ports, far_ports) if ports)
    return vendor(OFFER, struct.pack("!BBBB", version, ip_version, protocol, flags) + body + behind)


DISCOVERY_KEY = b"the discovery key of the vectors"
KEYED_HASH_LABEL = b"OpenTED discovery, keyed hash\0"


def proof(time, **wrong):
    return vendor(PROOF, struct.pack("!Q", time), **wrong)


def certificate(der, encoding=4, **wrong):
    return Payload(CERTIFICATE, bytes([encoding]) + der, **wrong)


def signature(raw, **wrong):
    return Payload(SIGNATURE, raw, **wrong)


def keyed_hash(raw=bytes(32), **wrong):
    return Payload(HASH, raw, **wrong)


def with_keyed_hash(datagram):
    """`datagram` with its last payload, a keyed hash, made true."""
    raw = datagram.bytes()[:-32]
    datagram.payloads[-1] = keyed_hash(hmac.new(DISCOVERY_KEY, KEYED_HASH_LABEL + raw, hashlib.sha256).digest())
    return datagram


def padding_for(payloads):
    """The padding that a sender puts behind these payloads of a probe."""
    room = PADDED_PROBE - HEADER - sum(4 + len(payload.body) for payload in payloads)
    return [vendor(PADDING, bytes(max(room, 20) - 20))] if room > 0 else []


class Datagram:
    def __init__(self, exchange, icookie, rcookie, payloads, *, version=0x10, flags=0, message_id=0, length=None,
                 first=None, behind=b""):
        self.exchange, self.icookie, self.rcookie, self.payloads = exchange, icookie, rcookie, payloads
        self.version, self.flags, self.message_id = version, flags, message_id
        self.length, self.first, self.behind = length, first, behind

    def bytes(self):
        following = [payload.kind for payload in self.payloads[1:]] + [0]
        chain = b"".join(payload.bytes(kind) for payload, kind in zip(self.payloads, following))
        first = self.first if self.first is not None else self.payloads[0].kind if self.payloads else 0
        length = HEADER + len(chain) if self.length is None else self.length
        head = struct.pack("!8s8sBBBBII", self.icookie, self.rcookie, first, self.version, self.exchange, self.flags,
                           self.message_id, length)
        return head + chain + self.behind

    def starts(self):
        """Where each payload starts, and where the last one ends."""
        starts = [HEADER]
        for payload in self.payloads:
            starts.append(starts[-1] + 4 + len(payload.body))
        return starts


def main():
    import cases
    stale = []
    for name, text in cases.files().items():
        path = HERE / name
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text() != text:
                stale.append(name)
        else:
            path.write_text(text)
    if stale:
        sys.exit("not what encode.py makes: " + ", ".join(stale) + " (run tests/vectors/encode.py)")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()

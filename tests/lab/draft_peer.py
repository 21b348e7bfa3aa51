#!/usr/bin/python3
"""A gateway of TED versions 1 and 2 but for its IKE: asks and answers in the draft form. Made from the draft's text with scapy, and shares nothing
with the product or the labs' own codec.

    draft_peer.py ask    --interface wan --gateway ADDRESS --half NETWORK --source HOST --destination HOST [--port N] [--seconds S]
    draft_peer.py answer --interface wan --gateway ADDRESS --half NETWORK

Both print a JSON object a line: {"event": "ready" | "sent" | "heard" | "silence" | "merged", …}. `answer` answers every probe for a destination in its
half, as versions 1 and 2 do: by the addresses of the IP header alone, whatever the asker's half is. `ask` merges its own half with the answer's.
Addresses and networks are of either family.
"""
import argparse
import ipaddress
import json
import os
import threading

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, L3RawSocket6
from scapy.layers.isakmp import ISAKMP, ISAKMP_class, ISAKMP_payload_ID
from scapy.packet import Packet
from scapy.sendrecv import AsyncSniffer
from scapy.supersocket import L3RawSocket

IKE_PORT, PROBE, RESPONSE = 500, 240, 241
PAYLOAD_ID, PAYLOAD_NONE = 5, 0
ID_ADDRESS, ID_SUBNET = {4: 1, 6: 5}, {4: 4, 6: 6}     # by IP version; RFC 2407 section 4.6.2.1
HEADER_BYTES = 28

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def identity(payload: ISAKMP_payload_ID) -> str:
    for version, width in ((4, 4), (6, 16)):
        if payload.IDtype == ID_ADDRESS[version] and len(payload.load) == width:
            return str(ipaddress.ip_address(payload.load))
        if payload.IDtype == ID_SUBNET[version] and len(payload.load) == 2 * width:
            address, mask = payload.load[:width], payload.load[width:]
            network = ipaddress.ip_network((address, int.from_bytes(mask, "big").bit_count()))
            if network.netmask.packed == mask:
                return str(network)
    return f"type {payload.IDtype}, {payload.load.hex()}"


def ip_of(packet: Packet) -> Packet:
    return packet[IPv6] if packet.haslayer(IPv6) else packet[IP]


def fields_of(packet: Packet) -> dict[str, object]:
    """All that stands in it, by scapy's reading; payloads of other types are counted and skipped, as RFC 2408 has it."""
    header = ISAKMP(bytes(packet[UDP].payload))
    ids, others, used = [], 0, HEADER_BYTES
    protocols_and_ports = []
    payload, kind = header.payload, header.next_payload
    while kind != PAYLOAD_NONE and isinstance(payload, ISAKMP_class):
        used += payload.length
        if kind == PAYLOAD_ID:
            ids.append(identity(payload))
            protocols_and_ports.append((payload.ProtoID, payload.Port))
        else:
            others += 1
        kind, payload = payload.next_payload, payload.payload
    return {"source": ip_of(packet).src, "destination": ip_of(packet).dst, "ports": [packet[UDP].sport, packet[UDP].dport],
            "version": header.version, "exchange": header.exch_type, "flags": int(header.flags), "message_id": header.id,
            "icookie": header.init_cookie.hex(), "rcookie": header.resp_cookie.hex(), "length": header.length,
            "bytes": len(packet[UDP].payload), "read": used, "ids": ids, "protocols_and_ports": protocols_and_ports, "other_payloads": others}


def is_of(packet: Packet, exchange: int) -> bool:
    if not (packet.haslayer(UDP) and packet[UDP].dport == IKE_PORT):
        return False
    datagram = bytes(packet[UDP].payload)
    return len(datagram) >= HEADER_BYTES and datagram[17] == 0x10 and datagram[18] == exchange


def message(exchange: int, icookie: bytes, rcookie: bytes, gateway: str, half: Network) -> Packet:
    sender = ipaddress.ip_address(gateway)
    subnet = half.network_address.packed + half.netmask.packed
    return (ISAKMP(init_cookie=icookie, resp_cookie=rcookie, next_payload=PAYLOAD_ID, exch_type=exchange)
            / ISAKMP_payload_ID(next_payload=PAYLOAD_ID, IDtype=ID_ADDRESS[sender.version], load=sender.packed)
            / ISAKMP_payload_ID(next_payload=PAYLOAD_NONE, IDtype=ID_SUBNET[half.version], load=subnet))


def send(source: str, destination: str, port: int, content: Packet) -> Packet:
    """By the kernel's routes, not scapy's own. Returns the packet as it went."""
    header, sender = (IPv6, L3RawSocket6) if ipaddress.ip_address(destination).version == 6 else (IP, L3RawSocket)
    made = header(bytes(header(src=source, dst=destination) / UDP(sport=port, dport=IKE_PORT) / content))
    socket = sender()
    try:
        socket.send(made)
    finally:
        socket.close()
    return made


def listen(interface: str, exchange: int, hear) -> AsyncSniffer:
    """Calls `hear` for each; returns when it listens."""
    started = threading.Event()
    sniffer = AsyncSniffer(iface=interface, store=False, prn=hear, lfilter=lambda packet: is_of(packet, exchange), started_callback=started.set)
    sniffer.start()
    started.wait()
    return sniffer


def answer(options: argparse.Namespace) -> None:
    def hear(packet: Packet) -> None:
        seen = fields_of(packet)
        if ipaddress.ip_address(ip_of(packet).dst) not in options.half or not seen["ids"]:
            return
        say("heard", **seen)
        reply = message(RESPONSE, bytes.fromhex(str(seen["icookie"])), os.urandom(8), options.gateway, options.half)
        say("sent", **fields_of(send(options.gateway, seen["ids"][0], IKE_PORT, reply)))

    sniffer = listen(options.interface, PROBE, hear)
    say("ready")
    sniffer.join()


def ask(options: argparse.Namespace) -> None:
    cookie = os.urandom(8)
    heard: list[dict[str, object]] = []
    done = threading.Event()

    def hear(packet: Packet) -> None:
        seen = fields_of(packet)
        if seen["icookie"] == cookie.hex():
            heard.append(seen)
            done.set()

    sniffer = listen(options.interface, RESPONSE, hear)
    probe = message(PROBE, cookie, bytes(8), options.gateway, options.half)
    say("sent", **fields_of(send(options.source, options.destination, options.port, probe)))
    done.wait(options.seconds)
    sniffer.stop()
    if not heard:
        return say("silence")
    say("heard", **heard[0])
    gateway, theirs = heard[0]["ids"]
    inside = ipaddress.ip_address(options.source) in options.half and ipaddress.ip_address(options.destination) in ipaddress.ip_network(theirs)
    say("merged", gateway=gateway, local=str(options.half), remote=theirs, inside=inside)


def main() -> None:
    parser = argparse.ArgumentParser(prog="draft_peer.py")
    commands = parser.add_subparsers(required=True)
    for name, run in (("ask", ask), ("answer", answer)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("--interface", required=True)
        command.add_argument("--gateway", required=True)
        command.add_argument("--half", required=True, type=ipaddress.ip_network)
        if run is ask:
            command.add_argument("--source", required=True)
            command.add_argument("--destination", required=True)
            command.add_argument("--port", type=int, default=IKE_PORT)
            command.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()

"""The cases of the wire vectors. Each says what a decoder must find, in words of docs/protocol.md."""
from encode import (CAPABILITIES, ID, PADDING, PROBE, PROXY, RESPONSE, SUMMARY, VENDOR, Datagram, Payload, capabilities,
                    gateway, half_proxy, identity, masked, packed, padding_for, proxy, summary, vendor)
from encode import OFFER
from encode import ZERO as ZERO_PORT
from encode import PROOF, certificate, keyed_hash, offer, proof, signature, with_keyed_hash

ICOOKIE = bytes.fromhex("0102030405060708")
RCOOKIE = bytes.fromhex("a1a2a3a4a5a6a7a8")
ZERO = bytes(8)

GW4, GW6 = "192.0.2.1", "2001:db8::1"
HALF4, HALF6 = "10.1.0.0/255.255.0.0", "2001:db8:1::/ffff:ffff:ffff::"
FAR4, FAR6 = "10.2.0.0/255.255.255.0", "2001:db8:2::/ffff:ffff:ffff::"
P4 = (6, "10.1.0.5", "10.2.0.7", (40000, 443))
P6 = (17, "2001:db8:1::5", "2001:db8:2::7", (5000, 53))
BOX4 = (6, HALF4, FAR4, (0, 443))
BOX6 = (17, HALF6, FAR6, (0, 53))
FULL4 = [capabilities(1), gateway(GW4), half_proxy(HALF4), summary(*P4)]
FULL6 = [capabilities(1), gateway(GW6), half_proxy(HALF6), summary(*P6)]
REPLY4 = [capabilities(1), gateway(GW4), half_proxy(HALF4), proxy(*BOX4)]
REPLY6 = [capabilities(1), gateway(GW6), half_proxy(HALF6), proxy(*BOX6)]


def probe(payloads, **wrong):
    return Datagram(PROBE, wrong.pop("icookie", ICOOKIE), wrong.pop("rcookie", ZERO), payloads, **wrong)


def response(payloads, **wrong):
    return Datagram(RESPONSE, wrong.pop("icookie", ICOOKIE), wrong.pop("rcookie", RCOOKIE), payloads, **wrong)


def padded(payloads, **wrong):
    return probe(payloads + padding_for(payloads), **wrong)


ECHOES = 1 << 8  # a probe that may have a responder cookie; a response that asks for it


class Good:
    """`same`: encoding what was decoded gives the same bytes. `list`, `proof`: what offer and proof say, in words."""

    def __init__(self, name, datagram, *, gateway, half=None, bits=None, flow=None, box=None, list=None, same=False,
                 proof=None):
        self.name, self.datagram, self.same, self.list, self.proof = name, datagram, same, list, proof
        self.gateway, self.half, self.bits, self.flow, self.box = gateway, half, bits, flow, box

    def text(self):
        raw = self.datagram.bytes()
        is_probe = self.datagram.exchange == PROBE
        said = [f"icookie={raw[:8].hex()}"] + ([] if is_probe else [f"rcookie={raw[8:16].hex()}"])
        if is_probe and any(raw[8:16]):
            said += [f"echo={raw[8:16].hex()}"]
        said += [f"gateway={self.gateway}"]
        said += [f"half_proxy={self.half or 'none'}"]
        said += [f"capabilities={'none' if self.bits is None else self.bits}"]
        shown = self.flow if is_probe else self.box
        said += [("summary=" if is_probe else "proxy=") +
                 ("none" if shown is None else ",".join(map(str, [*shown[:3], *shown[3]])))]
        if self.list:
            said += [f"list={self.list}"]
        if self.proof:
            said += [f"proof={self.proof}"]
        return (f"[{'probe' if is_probe else 'response'}]\nName = {self.name}\nBuffer = {raw.hex()}\n"
                f"Expect = {' '.join(said)}\n" + ("Encode = same\n" if self.same else ""))


def bad(name, datagram, error, offset):
    kind = "response" if datagram.exchange == RESPONSE else "probe"
    return f"[{kind}]\nName = {name}\nBuffer = {datagram.bytes().hex()}\nError = {error}\nOffset = {offset}\n"


def good_probes():
    both = dict(gateway=GW4, half=HALF4, bits=1, flow=P4)
    yield Good("ipv4", padded(FULL4), same=True, **both)
    yield Good("ipv6", padded(FULL6), gateway=GW6, half=HALF6, bits=1, flow=P6, same=True)
    yield Good("ipv6 under an ipv4 gateway", padded([gateway(GW4), half_proxy(HALF6), summary(*P6)]), gateway=GW4,
               half=HALF6, flow=P6, same=True)
    yield Good("no half proxy", padded([capabilities(0), gateway(GW4), summary(*P4)]), gateway=GW4, bits=0, flow=P4,
               same=True)
    yield Good("bare", padded([gateway(GW4), summary(*P4)]), gateway=GW4, flow=P4, same=True)
    yield Good("no padding", probe(FULL4), **both)
    yield Good("draft form", padded([gateway(GW4), half_proxy(HALF4)]), gateway=GW4, half=HALF4, same=True)
    yield Good("draft form, one id", padded([gateway(GW6)]), gateway=GW6, same=True)
    yield Good("all capability bits", padded([capabilities(0xffffffff), gateway(GW4), summary(*P4)]), gateway=GW4,
               bits=0xffffffff, flow=P4, same=True)
    echo = padded([capabilities(ECHOES | 4), gateway(GW4), summary(*P4)], rcookie=RCOOKIE)
    yield Good("echo of a responder cookie", echo, gateway=GW4, bits=ECHOES | 4, flow=P4, same=True)
    yield Good("echo not asked for yet", padded([capabilities(ECHOES), gateway(GW6), summary(*P6)]), gateway=GW6,
               bits=ECHOES, flow=P6, same=True)
    for protocol, ports, what in ((1, (8, 0), "icmp echo"), (58, (128, 0), "ipv6-icmp echo"), (50, (0, 0), "esp"),
                                  (132, (1, 65535), "sctp"), (33, (5, 6), "dccp"), (136, (7, 8), "udplite"),
                                  (6, (0, 0), "tcp port 0"), (255, (0, 0), "protocol 255"), (1, (255, 255), "icmp 255")):
        flow = (protocol, *P4[1:3], ports)
        yield Good(what, padded([gateway(GW4), summary(*flow)]), gateway=GW4, flow=flow, same=True)
    host = identity(1, packed("10.1.0.5"))
    yield Good("half proxy is a host", probe([gateway(GW4), host, summary(*P4)]), gateway=GW4,
               half="10.1.0.5/255.255.255.255", flow=P4)
    host6 = identity(5, packed("2001:db8:1::5"))
    yield Good("half proxy is an ipv6 host", probe([gateway(GW6), host6, summary(*P6)]), gateway=GW6,
               half="2001:db8:1::5/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", flow=P6)
    yield Good("mask with holes", padded([gateway(GW4), half_proxy("10.0.0.1/255.0.0.255"), summary(*P4)]), gateway=GW4,
               half="10.0.0.1/255.0.0.255", flow=P4, same=True)
    yield Good("bits under the mask", probe([gateway(GW4), half_proxy("10.1.2.3/255.255.0.0"), summary(*P4)]),
               gateway=GW4, half=HALF4, flow=P4)
    yield Good("gateway id says udp 500", probe([gateway(GW4, protocol=17, port=500), summary(*P4)]), gateway=GW4,
               flow=P4)
    yield Good("any order", probe([summary(*P4), vendor(PADDING), gateway(GW4), capabilities(1), half_proxy(HALF4)]),
               **both)
    unknown = [vendor(bytes(range(16)), b"more"), Payload(13, b"short"), Payload(10, b"nonce"), Payload(200, b"")]
    yield Good("unknown payloads", probe(unknown + FULL4 + unknown), **both)
    yield Good("sixteen payloads", probe(FULL4 + [Payload(8, b"")] * 12), **both)
    yield Good("padding not of zeros", probe(FULL4 + [vendor(PADDING, b"abc")] * 2), **both)
    long = [Payload(200, bytes(4096 - 28 - 4 - sum(4 + len(payload.body) for payload in FULL4)))]
    yield Good("4096 bytes", probe(FULL4 + long), **both)


def good_responses():
    both = dict(gateway=GW4, half=HALF4, bits=1, box=BOX4)
    yield Good("ipv4", response(REPLY4), same=True, **both)
    yield Good("ipv6", response(REPLY6), gateway=GW6, half=HALF6, bits=1, box=BOX6, same=True)
    yield Good("no half proxy", response([capabilities(7), gateway(GW4), proxy(*BOX4)]), gateway=GW4, bits=7, box=BOX4,
               same=True)
    yield Good("bare", response([gateway(GW6), proxy(*BOX6)]), gateway=GW6, box=BOX6, same=True)
    yield Good("draft form", response([gateway(GW4), half_proxy(FAR4)]), gateway=GW4, half=FAR4, same=True)
    yield Good("draft form, vendor", response([capabilities(0), gateway(GW6), half_proxy(FAR6)]), gateway=GW6, half=FAR6,
               bits=0, same=True)
    yield Good("asks for an echo", response([capabilities(ECHOES), gateway(GW4)]), gateway=GW4, bits=ECHOES, same=True)
    yield Good("asks for an echo, ipv6", response([capabilities(ECHOES), gateway(GW6)]), gateway=GW6, bits=ECHOES,
               same=True)
    yield Good("says that it echoes, and answers", response([capabilities(ECHOES), gateway(GW4), proxy(*BOX4)]),
               gateway=GW4, bits=ECHOES, box=BOX4, same=True)
    everything = "0.0.0.0/0.0.0.0"
    for box, what in (((0, everything, everything, (0, 0)), "everything"), ((1, HALF4, FAR4, (8, 0)), "icmp echo"),
                      ((1, HALF4, FAR4, (0, 255)), "icmp code"), ((47, HALF4, FAR4, (0, 0)), "gre"),
                      ((6, HALF4, "10.0.0.1/255.0.0.255", (22, 65535)), "mask with holes"),
                      ((1, HALF4, FAR4, (8, ZERO_PORT)), "icmp echo and its code"),
                      ((1, HALF4, FAR4, (ZERO_PORT, 0)), "icmp echo reply"),
                      ((6, HALF4, FAR4, (ZERO_PORT, ZERO_PORT)), "tcp ports 0")):
        yield Good(what, response([gateway(GW4), proxy(*box)]), gateway=GW4, box=box, same=True)
    yield Good("ipv6 under an ipv4 gateway", response([gateway(GW4), proxy(*BOX6)]), gateway=GW4, box=BOX6, same=True)
    yield Good("bits under the mask", response([gateway(GW4), proxy(6, "10.1.2.3/255.255.0.0", FAR4)]), gateway=GW4,
               box=(6, HALF4, FAR4, (0, 0)))
    yield Good("padded", response(REPLY4 + [vendor(PADDING, bytes(40))]), **both)
    mixed = [Payload(9, b"x"), REPLY4[3], REPLY4[1], Payload(13, b""), REPLY4[2], REPLY4[0]]
    yield Good("any order, unknown payloads", response(mixed), **both)


def good_offers():
    some = [("10.1.0.0/16", (0, 65535)), ("10.3.4.0/22", (0, 65535))]
    plain = offer(0, some, [("10.2.0.0/24", (0, 65535))])
    yield Good("a list", response([*REPLY4, plain]), gateway=GW4, half=HALF4, bits=1, box=BOX4, same=True,
               list="any;10.1.0.0/16:any,10.3.4.0/22:any;10.2.0.0/24:any;;blocks")
    exempt = [(6, "10.1.0.53/32", None, "0.0.0.0/0", (22, 22)), (0, "10.0.0.1/255.0.0.255", None, "10.2.0.0/25", None),
              (1, "10.1.0.0/16", (8, 8), "10.2.0.0/24", (0, 255))]
    full = offer(6, [("10.1.0.0/16", (0, 65535))], [("10.2.0.0/24", (443, 443)), ("10.2.1.0/24", (8000, 8099))], exempt,
                 flags=3)
    yield Good("a list with ports and exemptions", response([*REPLY4, full]), gateway=GW4, half=HALF4, bits=1, box=BOX4,
               same=True, list="6;10.1.0.0/16:any;10.2.0.0/24:443,10.2.1.0/24:8000-8099;"
               "6 10.1.0.53/32:any 0.0.0.0/0:22,any 10.0.0.1/255.0.0.255:any 10.2.0.0/25:any,"
               "1 10.1.0.0/16:8 10.2.0.0/24:0-255;ranges")
    six = offer(17, [("2001:db8:1::/48", (0, 65535))], [("2001:db8:2::/47", (0, 65535))], ip_version=6)
    yield Good("an ipv6 list", response([gateway(GW6), proxy(*BOX6), six]), gateway=GW6, box=BOX6, same=True,
               list="17;2001:db8:1::/48:any;2001:db8:2::/47:any;;blocks")


NOW = 1_800_000_000_123
DER, SECOND_DER = bytes.fromhex("3003020101"), bytes.fromhex("3003020102")
SIGNED = bytes(range(64))


def good_proofs():
    for make, full, more in ((probe, FULL4, dict(flow=P4)), (response, REPLY4, dict(box=BOX4))):
        common = dict(gateway=GW4, half=HALF4, bits=1, **more)
        keyed = with_keyed_hash(make([*full, proof(NOW), keyed_hash()]))
        keyed_text = keyed.payloads[-1].body.hex()
        yield Good("keyed hash", keyed, **common, proof=f"{NOW};;;{keyed_text}")
        yield Good("signature", make([*full, proof(NOW), certificate(DER), signature(SIGNED)]), **common,
                   proof=f"{NOW};{DER.hex()};{SIGNED.hex()};")
        both = with_keyed_hash(make([*full, vendor(PADDING, bytes(9)), proof(0), certificate(DER), certificate(SECOND_DER),
                                     signature(SIGNED), keyed_hash()]))
        yield Good("signature and keyed hash", both, **common,
                   proof=f"0;{DER.hex()},{SECOND_DER.hex()};{SIGNED.hex()};{both.payloads[-1].body.hex()}")
        foreign = [certificate(DER), signature(b"x"), keyed_hash(b"")]
        yield Good("the same payloads before a proof", make([*foreign, *full]), **common)


def proof_faults():
    for make, full in ((probe, FULL4), (response, REPLY4)):
        name = "probe" if make is probe else "response"
        at = make(full).starts()[-1]
        behind = at + 28

        def wrong(what, payloads, error, offset, make=make, full=full, name=name):
            datagram = make([*full, *payloads])
            return bad(f"{name}: {what}", datagram, error, datagram.starts()[-1] if offset == "end" else offset)

        yield wrong("proof without a time", [vendor(PROOF)], "proof_length", at + 2)
        yield wrong("proof with a long time", [vendor(PROOF, bytes(9))], "proof_length", at + 2)
        yield wrong("proof twice", [proof(NOW), proof(NOW)], "duplicate_proof", behind)
        yield wrong("padding behind a proof", [proof(NOW), vendor(PADDING)], "proof_order", behind)
        yield wrong("unknown payload in a proof", [proof(NOW), Payload(200, b"")], "proof_order", behind)
        yield wrong("certificate behind the signature", [proof(NOW), signature(SIGNED), certificate(DER)], "proof_order",
                    behind + 68)
        yield wrong("two signatures", [proof(NOW), certificate(DER), signature(SIGNED), signature(SIGNED)], "proof_order",
                    behind + 10 + 68)
        yield wrong("signature behind the keyed hash", [proof(NOW), keyed_hash(), signature(SIGNED)], "proof_order",
                    behind + 36)
        yield wrong("two keyed hashes", [proof(NOW), keyed_hash(), keyed_hash()], "proof_order", behind + 36)
        yield wrong("five certificates", [proof(NOW)] + [certificate(DER)] * 5, "too_many_certificates", behind + 40)
        yield wrong("no certificate in its payload", [proof(NOW), certificate(b"")], "certificate_encoding", behind + 4)
        yield wrong("certificate without encoding", [proof(NOW), Payload(6, b"")], "certificate_encoding", behind + 4)
        yield wrong("certificate of another encoding", [proof(NOW), certificate(DER, encoding=1)], "certificate_encoding",
                    behind + 4)
        for size in (0, 63, 65):
            yield wrong(f"signature of {size} bytes", [proof(NOW), certificate(DER), signature(bytes(size))],
                        "signature_length", behind + 10 + 2)
        for size in (0, 31, 33):
            yield wrong(f"keyed hash of {size} bytes", [proof(NOW), keyed_hash(bytes(size))], "keyed_hash_length", behind + 2)
        yield wrong("proof of nothing", [proof(NOW)], "proof_incomplete", "end")
        yield wrong("signature without certificate", [proof(NOW), signature(SIGNED), keyed_hash()], "proof_incomplete", "end")
        yield wrong("certificate without signature", [proof(NOW), certificate(DER), keyed_hash()], "proof_incomplete", "end")


def offer_faults():
    at = response(REPLY4).starts()[-1]
    body = at + 4
    one = [("10.1.0.0/16", (0, 65535))]
    two = [("10.2.0.0/24", (0, 65535))]

    def wrong(what, payload, error, offset):
        return bad(f"offer: {what}", response([*REPLY4, payload]), error, offset)

    yield wrong("nothing behind the hash", vendor(OFFER), "offer_length", at + 2)
    yield wrong("cut in its lists", vendor(OFFER, offer(0, one, two).body[16:-1]), "offer_length", at + 2)
    yield wrong("bytes behind its lists", offer(0, one, two, behind=b"\0"), "offer_length", at + 2)
    yield wrong("version 2", offer(0, one, two, version=2), "offer_version", body + 16)
    yield wrong("ip version 5", offer(0, one, two, ip_version=5), "offer_ip_version", body + 17)
    yield wrong("flag 4", offer(0, one, two, flags=4), "offer_reserved_set", body + 19)
    yield wrong("reserved 1", offer(0, one, two, reserved=1), "offer_reserved_set", body + 23)
    yield wrong("no local end", offer(0, [], two), "offer_count", body + 20)
    yield wrong("65 remote ends", offer(0, one, two * 65), "offer_count", body + 20)
    yield wrong("65 exemptions", offer(0, one, two, [(0, "0.0.0.0/0", None, "0.0.0.0/0", None)] * 65), "offer_count",
                body + 20)
    yield wrong("prefix of 33 bits", vendor(OFFER, bytes([3, 4, 0, 0, 1, 1, 0, 0, 33]) + bytes(9)), "offer_address",
                body + 24)
    yield wrong("bits behind a prefix", vendor(OFFER, bytes([3, 4, 0, 0, 1, 1, 0, 0, 7, 11, 8, 10])), "offer_address",
                body + 24)
    yield wrong("ports of no protocol", offer(0, [("10.1.0.0/16", (1, 1))], two, flags=2), "offer_ports", body + 27)
    yield wrong("reversed ports", offer(6, [("10.1.0.0/16", (9, 8))], two, flags=2), "offer_ports", body + 27)
    yield wrong("icmp type 256", offer(1, [("10.1.0.0/16", (256, 256))], two, flags=2), "offer_ports", body + 27)
    flagged = vendor(OFFER, offer(0, one, two).body[16:22] + b"\1\0" + offer(0, one, two).body[24:] + bytes([0, 4, 0, 0]))
    yield wrong("flag 4 of an exemption", flagged, "offer_reserved_set", body + 32)
    twice = response([*REPLY4, offer(0, one, two), offer(0, one, two)])
    yield bad("offer: twice", twice, "duplicate_offer", twice.starts()[5])
    yield bad("offer: in a probe", probe([gateway(GW4), offer(0, one, two)]), "offer_in_probe", 28 + 12)
    alone = response([gateway(GW4), half_proxy(HALF4), offer(0, one, two)])
    yield bad("offer: without a proxy", alone, "offer_alone", alone.starts()[-1])
    other = response([gateway(GW6), proxy(*BOX6), offer(0, one, two)])
    yield bad("offer: of another ip version", other, "offer_alone", other.starts()[-1])


def header_faults():
    for make, name in ((probe, "probe"), (response, "response")):
        full = FULL4 if make is probe else REPLY4
        end = make(full).starts()[-1]
        for version in (0x00, 0x11, 0x20, 0xff):
            yield bad(f"{name}: version 0x{version:02x}", make(full, version=version), "not_isakmp_v1", 17)
        for flags in (1, 2, 4, 0x80):
            yield bad(f"{name}: flags {flags}", make(full, flags=flags), "flags_set", 19)
        for message_id in (1, 0x80000000):
            yield bad(f"{name}: message id {message_id}", make(full, message_id=message_id), "message_id_set", 20)
        yield bad(f"{name}: zero initiator cookie", make(full, icookie=ZERO), "zero_initiator_cookie", 0)
        for length in (0, 1, 27):
            yield bad(f"{name}: header length {length}", make(full, length=length), "length_too_small", 24)
        for length in (end + 1, 4097, 0x10000, 0xffffffff):
            yield bad(f"{name}: header length {length}", make(full, length=length), "truncated_datagram", 24)
        for length in (28, 52, end - 1):
            yield bad(f"{name}: header length {length}", make(full, length=length), "trailing_bytes", length)
        yield bad(f"{name}: bytes behind the header's length", make(full, behind=b"\0"), "trailing_bytes", end)
    yield bad("probe with a responder cookie", probe(FULL4, rcookie=bytes(7) + b"\1"), "responder_cookie_set", 8)
    yield bad("probe of the draft form with a responder cookie", probe([gateway(GW4), half_proxy(HALF4)], rcookie=RCOOKIE),
              "responder_cookie_set", 8)
    yield bad("probe with a responder cookie and other capabilities",
              probe([capabilities(0xffffffff & ~ECHOES), gateway(GW4), summary(*P4)], rcookie=RCOOKIE), "responder_cookie_set", 8)
    yield bad("response without a responder cookie", response(REPLY4, rcookie=ZERO), "zero_responder_cookie", 8)
    for exchange in (0, 2, 4, 34, 239, 242, 255):
        yield bad(f"exchange {exchange}", Datagram(exchange, ICOOKIE, ZERO, FULL4), "unknown_exchange", 18)
    long = Payload(200, bytes(4097 - 28 - 4 - sum(4 + len(payload.body) for payload in FULL4)))
    yield bad("4097 bytes", probe(FULL4 + [long]), "datagram_too_long", 4096)
    yield bad("version and cookie wrong", probe(FULL4, version=0x20, icookie=ZERO), "not_isakmp_v1", 17)


def chain_faults():
    for make, full in ((probe, FULL4), (response, REPLY4)):
        name = "probe" if make is probe else "response"
        starts = make(full).starts()
        for length in (0, 1, 3):
            wrong = [capabilities(1, length=length), *full[1:]]
            yield bad(f"{name}: payload length {length}", make(wrong), "payload_too_short", 30)
        for reserved in (1, 255):
            wrong = [full[0], gateway(GW4, reserved=reserved), *full[2:]]
            yield bad(f"{name}: reserved {reserved}", make(wrong), "reserved_set", starts[1] + 1)
        last = len(full) - 1
        for extra in (1, 1000, 0xffff - 48):
            wrong = full[:last] + [Payload(full[last].kind, full[last].body, length=4 + len(full[last].body) + extra)]
            yield bad(f"{name}: last payload longer by {extra}", make(wrong), "truncated_payload", starts[last])
        wrong = full[:last] + [Payload(full[last].kind, full[last].body, following=5)]
        yield bad(f"{name}: chain goes on behind the end", make(wrong), "truncated_payload", starts[-1])
        wrong = full[:2] + [Payload(ID, full[2].body, following=0), full[last]]
        yield bad(f"{name}: chain ends early", make(wrong), "trailing_bytes", starts[3])
        yield bad(f"{name}: no payload but bytes", make(full, first=0), "trailing_bytes", 28)
        yield bad(f"{name}: no payload", make([]), "missing_id", 28)
        yield bad(f"{name}: first payload announced, none there", make([], first=5), "truncated_payload", 28)
        many = make(full + [Payload(8, b"")] * 13)
        yield bad(f"{name}: seventeen payloads", many, "too_many_payloads", many.starts()[16])
        yield bad(f"{name}: reserved of an unknown payload", make([Payload(99, b"", reserved=1), *full]), "reserved_set", 29)


def id_faults():
    for make, rest in ((probe, summary(*P4)), (response, proxy(*BOX4))):
        name = "probe" if make is probe else "response"
        second = 28 + 12  # behind the gateway's ID
        for body in (b"", b"\1\0\0"):
            yield bad(f"{name}: id of {len(body)} bytes", make([Payload(ID, body), rest]), "id_length", 30)
        for kind, raw in ((1, bytes(3)), (1, bytes(5)), (1, bytes(8)), (5, bytes(4)), (5, bytes(15)), (5, bytes(17)),
                          (4, bytes(4)), (4, bytes(9)), (6, bytes(16)), (6, bytes(31))):
            wrong = make([identity(kind, raw), rest])
            yield bad(f"{name}: id type {kind} with {len(raw)} bytes", wrong, "id_length", 30)
        for kind in (0, 2, 3, 7, 8, 9, 11, 255):
            wrong = make([identity(kind, bytes(4)), rest])
            yield bad(f"{name}: gateway id type {kind}", wrong, "id_type_unsupported", 32)
            wrong = make([gateway(GW4), identity(kind, bytes(8)), rest])
            yield bad(f"{name}: half proxy id type {kind}", wrong, "id_type_unsupported", second + 4)
        for subnet in (HALF4, HALF6, "10.1.0.5/255.255.255.255"):
            yield bad(f"{name}: gateway is a subnet, {subnet}", make([half_proxy(subnet), rest]), "id_not_an_address", 32)
        yield bad(f"{name}: gateway protocol 6", make([gateway(GW4, protocol=6), rest]), "id_protocol_set", 33)
        yield bad(f"{name}: gateway port 4500", make([gateway(GW4, protocol=17, port=4500), rest]), "id_port_set", 34)
        wrong = make([gateway(GW4), half_proxy(HALF4, protocol=17), rest])
        yield bad(f"{name}: half proxy protocol 17", wrong, "id_protocol_set", second + 5)
        wrong = make([gateway(GW4), half_proxy(HALF4, port=500), rest])
        yield bad(f"{name}: half proxy port 500", wrong, "id_port_set", second + 6)
        wrong = make([gateway(GW4), half_proxy(HALF4), half_proxy(FAR4), rest])
        yield bad(f"{name}: three ids", wrong, "too_many_ids", second + 16)
        yield bad(f"{name}: no id", make([capabilities(1), rest]), "missing_id", make([capabilities(1), rest]).starts()[-1])
        wrong = make([gateway(GW6), half_proxy(HALF6), rest])
        yield bad(f"{name}: ipv6 half proxy beside ipv4", wrong, "half_proxy_family", 28 + 24)
    alone = response([capabilities(0), gateway(GW4)])
    yield bad("response: draft form without half proxy", alone, "missing_half_proxy", alone.starts()[-1])


def vendor_faults():
    for size in (0, 3, 5, 20):
        wrong = vendor(CAPABILITIES, bytes(size))
        yield bad(f"probe: {size} bytes of flags", probe([wrong, *FULL4[1:]]), "vendor_length", 30)
        yield bad(f"response: {size} bytes of flags", response([wrong, *REPLY4[1:]]), "vendor_length", 30)
    yield bad("probe: flags twice", probe([*FULL4, capabilities(1)]), "duplicate_vendor", probe(FULL4).starts()[-1])
    yield bad("response: flags twice", response([*REPLY4, capabilities(1)]), "duplicate_vendor",
              response(REPLY4).starts()[-1])
    yield from box_faults("summary", SUMMARY, probe, summary, P4, P6)
    yield from box_faults("response", PROXY, response, proxy, BOX4, BOX6)
    at = 28 + 12
    yield bad("summary: protocol 0", probe([gateway(GW4), summary(0, *P4[1:3])]), "summary_protocol", at + 22)
    yield bad("response: ports beside any protocol", response([gateway(GW4), proxy(0, HALF4, FAR4, (0, 80))]),
              "response_ports", at + 40)
    yield bad("summary: reserved 1", probe([gateway(GW4), summary(*P4, reserved=1)]), "summary_reserved_set", at + 23)
    for flags, box in ((2, BOX4), (3, BOX4), (1, (47, HALF4, FAR4, (0, 0))), (2, (0, HALF4, FAR4, (0, 0)))):
        yield bad(f"response: flags {flags} beside {box[0]} {box[3]}", response([gateway(GW4), proxy(*box, reserved=flags)]),
                  "response_ports", at + 40)
    yield bad("summary in a response", response([gateway(GW4), summary(*P4), proxy(*BOX4)]), "summary_in_response", at)
    yield bad("response payload in a probe", probe([gateway(GW4), proxy(*BOX4)]), "response_in_probe", at)


def box_faults(name, digest, message, build, v4, v6):
    at = 28 + 12
    for rest in (b"", b"\3", b"\3\4\6"):
        wrong = message([gateway(GW4), vendor(digest, rest)])
        yield bad(f"{name}: {len(rest)} bytes", wrong, f"{name}_length", at + 2)
    for box, family in ((v4, 4), (v6, 6)):
        whole = build(*box).body
        for wrong in (whole[:20], whole[:-1], whole + b"\0"):
            yield bad(f"{name}: {len(wrong)} bytes of ipv{family}", message([gateway(GW4), Payload(VENDOR, wrong)]),
                      f"{name}_length", at + 2)
        swapped = message([gateway(GW4), build(*box, ip_version=10 - family)])
        yield bad(f"{name}: ipv{family} called ipv{10 - family}", swapped, f"{name}_length", at + 2)
    for version in (0, 1, 2, 4, 255):
        wrong = message([gateway(GW4), build(*v4, version=version)])
        yield bad(f"{name}: version {version}", wrong, f"{name}_version", at + 20)
    for ip_version in (0, 5, 7, 255):
        wrong = message([gateway(GW4), build(*v4, ip_version=ip_version)])
        yield bad(f"{name}: ip version {ip_version}", wrong, f"{name}_ip_version", at + 21)
    for reserved in (4, 128):
        wrong = message([gateway(GW4), build(*v4, reserved=reserved)])
        yield bad(f"{name}: reserved {reserved}", wrong, f"{name}_reserved_set", at + 23)
    ports_at = at + len(build(*v4).body)
    for protocol, ports in ((50, (1, 0)), (47, (0, 1)), (1, (256, 0)), (1, (8, 256)), (58, (300, 0))):
        wrong = message([gateway(GW4), build(protocol, *v4[1:3], ports)])
        yield bad(f"{name}: ports {ports} of protocol {protocol}", wrong, f"{name}_ports", ports_at)
    twice = message([gateway(GW4), build(*v4), build(*v4)])
    yield bad(f"{name}: twice", twice, f"duplicate_{name}", twice.starts()[2])


def truncations():
    """`Cut = LO-HI ERROR OFFSET`: cut to LO up to HI bytes; `Repaired` sets the header's length to what is left. An
    offset of `end` is the length that is left."""
    for datagram, name in ((padded(FULL4), "ipv4 probe"), (padded(FULL6), "ipv6 probe"), (response(REPLY4), "ipv4 response"),
                           (response(REPLY6), "ipv6 response"), (response([gateway(GW4), half_proxy(HALF4)]), "draft")):
        raw = datagram.bytes()
        text = f"[truncated]\nName = {name}\nBuffer = {raw.hex()}\n"
        text += f"Cut = 0-27 truncated_header end\nCut = 28-{len(raw) - 1} truncated_datagram 24\n"
        starts = datagram.starts()
        for start, after in zip(starts, starts[1:]):
            text += f"Repaired = {start}-{after - 1} truncated_payload {start}\n"
        yield text


def is_probe(case):
    return case.datagram.exchange == PROBE


def files():
    head = "# Made by tests/vectors/encode.py from cases.py. Do not edit.\n\n"
    return {
        "probe.vec": head + "\n".join(case.text() for case in [*good_probes(), *good_proofs()] if is_probe(case)),
        "response.vec": head + "\n".join(case.text() for case in [*good_responses(), *good_offers(), *good_proofs()]
                                             if not is_probe(case)),
        "invalid.vec": head + "\n".join([*header_faults(), *chain_faults(), *id_faults(), *vendor_faults(), *offer_faults(),
                                            *proof_faults()]),
        "truncated.vec": head + "\n".join(truncations()),
    }

"""A flood of signed probes under invented gateways: strangers use up what is checked for strangers, and a gateway that echoes a cookie is heard."""
import json
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from lib import figure1, netns, nft, raw
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Kind, Packet
from lib.pki import Authority
from lib.tedd import Config
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "with sign and no key a flood of signatures of nobody keeps no gateway out: it is asked for an echo, which strangers never see"
DATAPLANES = (Dataplane.USERSPACE,)

GATEWAY_AT, SIGNATURE = 60, 64          # behind header, vendor payload and the ID's fixed part; at the end
A_SECOND, BURST = 4000, 4
ASKED = 10
WITHOUT = 30                            # many: a slow machine floods less
REQUEST = 64 + 8                        # the datagram that asks for an echo, with its UDP header


def forged(probe: Packet, count: int) -> Iterator[bytes]:
    """The probe in the name of invented gateways, and of gwA itself: most under the certificate that it shows, the rest under ones that nobody has seen."""
    chance = random.Random(4711)
    for i in range(count):
        datagram = bytearray(probe.datagram)
        datagram[:8] = os.urandom(8)
        datagram[GATEWAY_AT:GATEWAY_AT + 4] = bytes([198, 18 + chance.randrange(2), chance.randrange(256), chance.randrange(1, 255)]) if i % 3 else probe.datagram[GATEWAY_AT:GATEWAY_AT + 4]
        datagram[-SIGNATURE:] = os.urandom(SIGNATURE)
        if i % 4 == 0:
            end = len(datagram) - SIGNATURE - 4
            datagram[end - 16:end] = os.urandom(16)
        yield raw.udp_packet(str(probe.source), probe.ports[0], str(probe.destination), probe.ports[1], bytes(datagram))


@contextmanager
def flood(figure: Figure1, packets: list[bytes]) -> Iterator[None]:
    assert figure.router
    router, ended = figure.router, threading.Event()

    def send() -> None:
        begun, sent = time.monotonic(), 0
        with netns.open_socket(router.namespace, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
            while not ended.is_set():
                sock.sendto(packets[sent % len(packets)], (figure.plan.h2, 0))
                sent += 1
                if sent % BURST == 0:
                    ended.wait(max(0.0, begun + sent / A_SECOND - time.monotonic()))
    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def ask(figure: Figure1) -> dict[str, Any]:
    return json.loads(figure.a.tedd.ctl("--json", "trace", figure.plan.h2, "--from", figure.plan.h1, check=False).stdout)


def is_heard(trace: dict[str, Any]) -> bool:
    return bool(trace["answered"] and trace["proof"] == "signature of gw-b.example" and trace["attempts"] == 1)


def run(lab: Lab) -> None:
    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8"])
    plan = figure1.TRANSIT
    of_a = authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"])
    of_b = authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"])
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, plan, certificates=(of_a, of_b))
    for gateway, own, rules, given in ((figure.a, plan.a_wan, figure1.RULES_A, of_a), (figure.b, plan.b_wan, figure1.RULES_B, of_b)):
        gateway.tedd.write(Config([own], rules, certificates=given, sign=True))
    lab.start_gateways(figure.a, figure.b)
    trace = ask(figure)
    lab.check(is_heard(trace) and figure.b.tedd.counter("probes_echo_asked") == 0, "a signed probe is answered at once, and asked for nothing more", str(trace))
    probe = next(packet for packet in figure.middle.flush() if packet.kind is Kind.PROBE)

    with flood(figure, list(forged(probe, A_SECOND))):
        wait_for("gwB to have no time for strangers' signatures", lambda: figure.b.tedd.counter("probes_echo_asked") > 1000, 8)
        lab.say(f"{A_SECOND:,} signatures of nobody a second, under certificates that were seen and that were not, are more than gwB looks at")
        before = figure.a.tedd.counter("probes_echoed")
        traces = [ask(figure) for _ in range(ASKED)]
        lab.check(all(is_heard(one) for one in traces), f"gwA's probe is answered {ASKED} times of {ASKED}, each the first time", str([one for one in traces if not is_heard(one)]))
        echoed = figure.a.tedd.counter("probes_echoed") - before
        lab.check(echoed > 0, "after an echo of gwB's cookie, but where the flood had just left room", str(echoed))
        lab.cross(Ping(figure.h1, plan.h2), "a ping beside the flood")
        figure1.check_tunnel(lab, figure, figure.agreed)

        assert figure.router
        nft.load(figure.router, f"table inet kept {{ chain back {{ type filter hook forward priority 0; udp sport 500 udp dport 500 udp length {REQUEST} drop; }}; }}")
        with ThreadPoolExecutor(WITHOUT) as together:
            heard = sum(map(is_heard, together.map(lambda _: ask(figure), range(WITHOUT))))
        lab.check(heard <= WITHOUT * 2 // 3, "where the request for an echo is kept back, the same flood keeps many of gwA's probes out", str(heard))
        nft.load(figure.router, "delete table inet kept")

    requests = [packet for packet in figure.middle.flush() if packet.kind is Kind.RESPONSE and len(packet.datagram) + 8 == REQUEST]
    lab.check(bool(requests), "a request for an echo is 64 bytes, for a probe of 1,372", str(len(requests)))
    lab.check(figure.b.tedd.counter("probes_wrong_echo") == 0, "nobody echoed what was not asked", str(figure.b.tedd.counter("probes_wrong_echo")))

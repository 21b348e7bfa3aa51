"""An attacker's kit without any key: what it sends from the router between the gateways of figure 1, from a host inside, and to the control socket."""
from __future__ import annotations

import ipaddress
import os
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from . import raw, ted
from .figure1 import Figure1
from .process import Process

UDP = 17
_CHANCE = 4711


def response(figure: Figure1, cookie: bytes) -> ted.Message:
    """The attacker claims the far network, as an answer to the probe with that cookie."""
    plan = figure.plan
    proxy = ted.Proxy(0, ted.half_proxy(plan.far), ted.half_proxy(plan.near), 0, 0)
    return ted.Message(ted.RESPONSE, cookie, os.urandom(8), ipaddress.ip_address(plan.transit_a), capabilities=0, proxy=proxy)


def probe(figure: Figure1, gateway: str, padding: int = 300) -> ted.Message:
    """For a flow to h2, to be answered at that gateway."""
    plan = figure.plan
    summary = ted.Summary(UDP, ipaddress.ip_address(plan.h1), ipaddress.ip_address(plan.h2), 40000, 53)
    return ted.Message(ted.PROBE, os.urandom(8), bytes(8), ipaddress.ip_address(gateway), capabilities=1, summary=summary, padding=padding)


def send_responses(figure: Figure1, datagrams: Iterable[bytes], source: str) -> None:
    """To gwA, from that gateway."""
    assert figure.router
    plan = figure.plan
    raw.send(figure.router, *(raw.udp_packet(source, 500, plan.a_wan, 500, datagram) for datagram in datagrams))


def send_probes(figure: Figure1, datagrams: Iterable[bytes]) -> None:
    """Towards gwB."""
    assert figure.router
    plan = figure.plan
    raw.send(figure.router, *(raw.udp_packet(plan.h1, 40000, plan.h2, 500, datagram) for datagram in datagrams))


def spoilt(whole: list[bytes]) -> list[bytes]:
    """Each of them with a few other bytes, every second one cut short as well."""
    chance = random.Random(_CHANCE)

    def one(good: bytes, cut: bool) -> bytes:
        bad = bytearray(good[:chance.randrange(1, len(good) + 1)] if cut else good)
        for _ in range(chance.randrange(1, 6)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        return bytes(bad)
    return [one(good, i % 2 == 0) for i, good in enumerate(whole)]


def is_refused(datagram: bytes) -> bool:
    """By the labs' own reader."""
    try:
        ted.decode(datagram)
    except ted.DecodeError:
        return True
    return False


_SILENT = """
import contextlib, signal, socket, sys
clients = []
for i in range(64):
    clients.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    clients[-1].connect(sys.argv[1])
    with contextlib.suppress(OSError):
        clients[-1].send(b'{"command":' if i % 2 else b"")
print("connected", flush=True)
signal.pause()
"""


_PUSHING = """
import contextlib, socket, sys
print("connected", flush=True)
while True:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.setblocking(False)
        with contextlib.suppress(OSError):
            client.connect(sys.argv[1])
"""


def _reader(figure: Figure1, group: str, program: str, log: Path) -> Process:
    log.unlink(missing_ok=True)
    command = ["setpriv", "--reuid", "nobody", "--regid", group, "--clear-groups", sys.executable, "-c", program, str(figure.a.tedd.folder / "tedd.sock")]
    return Process("reader", command, log)


def pushing_reader(figure: Figure1, group: str, log: Path) -> Process:
    """A member of that group connects to gwA's control socket again and again, as fast as it can, and goes at once; it says in that file that it begins."""
    return _reader(figure, group, _PUSHING, log)


def silent_reader(figure: Figure1, group: str, log: Path) -> Process:
    """A member of that group connects 64 times to gwA's control socket, says so in that file, and nothing, or half of something, to gwA."""
    return _reader(figure, group, _SILENT, log)

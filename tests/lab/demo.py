#!/usr/bin/python3
"""demo.py [--json]: figure 1 as a story told while it happens; ./demo at the root builds first and then calls this."""
from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lib import evidence, figure1, needs, ted  # noqa: E402
from lib.charon import Dataplane  # noqa: E402
from lib.figure1 import Figure1  # noqa: E402
from lib.lab import Lab  # noqa: E402
from lib.packets import Kind, Packet  # noqa: E402
from lib.topology import remove_leftovers  # noqa: E402
from lib.traffic import Crossing, Ping, answered  # noqa: E402
from lib.wait import LabFailure  # noqa: E402

PINGS = 5
DRAWING = """\
   h1 ───── gwA ═══════ middle link ═══════ gwB ───── h2
{h1:>10}   {a:<10}                 {b:>10}   {h2}"""
SHADES = {Kind.PROBE: "36", Kind.RESPONSE: "36", Kind.IKE: "33", Kind.ESP: "32", Kind.ESP_IN_UDP: "32", Kind.PLAIN: "31"}


class Story:
    """Speaks to a terminal; silent when only the evidence is wanted."""

    def __init__(self, silent: bool) -> None:
        self._silent = silent
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._steps = 0

    def paint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour else text

    def step(self, title: str) -> None:
        self._steps += 1
        self.line()
        self.line(self.paint(f"{self._steps}. {title}", "1"))

    def line(self, text: str = "") -> None:
        if not self._silent:
            print(text, flush=True)

    def fact(self, text: str) -> None:
        self.line(f"   {text}")


def proxy_words(proxy: ted.Proxy) -> str:
    def side(half: ted.HalfProxy, port: int) -> str:
        return f"{half}" + (f" port {port}" if port else "")
    return f"{proxy.protocol or 'any'} {side(proxy.local, proxy.local_port)} -> {side(proxy.remote, proxy.remote_port)}"


def tell_network(story: Story, lab: Lab) -> Figure1:
    story.step("The network")
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    plan = figure.plan
    for row in DRAWING.format(h1=plan.h1, a=plan.a_wan, b=plan.b_wan, h2=plan.h2).splitlines():
        story.fact(row)
    carrier = "the kernel" if lab.dataplane is Dataplane.KERNEL else "strongSwan itself, in UDP (this kernel has no ESP)"
    story.fact(f"Each node is a network namespace. At each gateway: strongSwan and tedd. ESP is carried by {carrier}.")
    story.step("Two policies, written apart; neither gateway knows the other")
    story.fact(f"gwA   {figure1.RULES_A[0]}")
    story.fact(f"gwB   {figure1.RULES_B[0]}")
    lab.start_gateways(figure.a, figure.b)
    story.fact("strongSwan and tedd are running; both guards stand; there is no tunnel.")
    return figure


def tell_discovery(story: Story, figure: Figure1) -> tuple[Ping, Crossing]:
    """Returns the ping and how P itself fared: one lost, or none."""
    plan = figure.plan
    ping = Ping(figure.h1, plan.h2)
    story.step(f"h1 pings h2: the packet P, {plan.h1} > {plan.h2}")
    began = time.time()
    dropped = ping.attempt(0.2) is None
    story.fact("No answer: gwA's guard caught P and dropped it, since no tunnel covers it yet." if dropped
               else story.paint("It was answered at once. It should have been dropped.", "31"))

    def after(packet: Packet) -> str:
        return f"{(packet.time - began) * 1000:.1f} ms after P"

    story.step("gwA probes along P's own path")
    probe_packet = figure.middle.wait_kind(Kind.PROBE)
    probe = ted.decode(probe_packet.datagram)
    story.fact(f"A TED probe on the middle link, {after(probe_packet)}: "
               f"{probe_packet.source}:{probe_packet.ports[0]} > {probe_packet.destination}:{probe_packet.ports[1]}, as if h1 had sent it.")
    if probe.summary:
        story.fact(f"It says: I am {probe.gateway}; it is about protocol {probe.summary.protocol}, {probe.summary.source} > {probe.summary.destination}.")
    story.step("gwB takes it off the wire and answers")
    response_packet = figure.middle.wait_kind(Kind.RESPONSE)
    response = ted.decode(response_packet.datagram)
    story.fact(f"A TED response, {after(response_packet)}: {response_packet.source} > {response_packet.destination}.")
    if response.proxy:
        story.fact(f"It says: I am {response.gateway}; I protect {proxy_words(response.proxy)}.")
    story.step("gwA intersects both policies and has strongSwan bring up the tunnel")
    story.fact(f"Intersection, and so the selectors: {figure.agreed}")
    ike = figure.middle.wait_kind(Kind.IKE)
    story.fact(f"IKEv2 begins {after(ike)}.")
    figure.a.wait_selectors([figure.agreed])
    figure.b.wait_selectors([figure.agreed.mirrored()])
    story.fact(f"swanctl --list-sas at gwA: {'; '.join(map(str, figure.a.selectors()))}")
    story.fact(f"swanctl --list-sas at gwB: {'; '.join(map(str, figure.b.selectors()))}")
    return ping, Crossing(1 if dropped else 0, began, began)


def tell_capture(story: Story, found: evidence.Evidence, figure: Figure1) -> None:
    plan = figure.plan
    names = {plan.h1: "h1", plan.h2: "h2", plan.a_wan: "gwA", plan.b_wan: "gwB"}
    story.step("All that crossed the middle link, in order (time from P)")
    for packet in found.packets:
        if packet.kind is Kind.NEIGHBOUR:
            continue
        milliseconds = found.milliseconds(packet)
        source, destination = str(packet.source), str(packet.destination)
        ends = f"{names.get(source, source):>4} {source} > {names.get(destination, destination)} {destination}"
        row = f"{milliseconds:9.1f} ms  {packet.kind.value:<13} {ends:<40} {len(packet.raw):>4} B"
        story.fact(story.paint(row, SHADES.get(packet.kind, "0")))


def tell_verdict(story: Story, found: evidence.Evidence) -> None:
    story.line()
    if found.ok:
        carried = sum(found.directions())
        story.line(story.paint(f"P's flow crossed encrypted: {carried} ESP packets, {len(found.clear)} packets of it in the clear.", "1;32"))
    else:
        story.line(story.paint("This is not as it must be:", "1;31"))
        for problem in found.problems:
            story.fact(problem)


def tell(story: Story, lab: Lab) -> evidence.Evidence:
    figure = tell_network(story, lab)
    ping, first = tell_discovery(story, figure)
    story.step("h1 pings h2 again")
    crossing = lab.cross(ping, "a ping through the tunnel")
    count = 1 + answered(ping, PINGS - 1)
    story.fact(f"{count} of {PINGS} answered.")
    found = evidence.gather(figure, lab.dataplane.value, Crossing(first.lost + crossing.lost, first.sent_at, crossing.answered_at), count)
    if count < PINGS:
        found.problems.append(f"only {count} of {PINGS} pings were answered once the tunnel stood")
    tell_capture(story, found, figure)
    tell_verdict(story, found)
    return found


def missing(dataplane: Dataplane) -> str | None:
    tests = [needs.missing_ground, needs.missing_binaries] + ([needs.missing_tun] if dataplane is Dataplane.USERSPACE else [])
    return next((reason for test in tests if (reason := test())), None)


def end(number: int, _: object) -> None:
    sys.exit(128 + number)


def main() -> int:
    as_json = sys.argv[1:] == ["--json"]
    story = Story(silent=as_json)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    reason = needs.missing_root()
    dataplane = Dataplane.KERNEL if not reason and needs.missing_esp() is None else Dataplane.USERSPACE
    reason = reason or missing(dataplane)
    if reason:
        print(json.dumps({"ok": False, "problems": [reason]}) if as_json else f"demo: cannot run here: {reason}")
        return 1
    prefix = f"ot{os.getpid()}"
    folder = Path(tempfile.mkdtemp(prefix="opented-demo-"))
    lab = Lab(prefix, folder, dataplane)
    try:
        found = tell(story, lab)
    except LabFailure as failure:
        print(json.dumps({"ok": False, "problems": [str(failure)]}) if as_json else f"\ndemo: {failure}", flush=True)
        print(lab.logs(), file=sys.stderr)
        return 1
    finally:
        lab.close()
        remove_leftovers(prefix)
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print(json.dumps(found.json(), indent=2))
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())

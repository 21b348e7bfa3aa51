#!/usr/bin/env python3
"""Probes that a gateway answers, beside a bare echo on the same path; and what a flood does to those of others and to a standing tunnel, with and
without the shield.

    bench/interception.py [--runs N] [--json]        as root; or tedbench interception
"""
from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/lab"))

from lib import needs  # noqa: E402
from lib.charon import Charon, Dataplane  # noqa: E402
from lib.process import Process, run  # noqa: E402
from lib.tedd import BINARIES, Config, Rule, Tedd  # noqa: E402
from lib.topology import Network, Node  # noqa: E402
from lib.wait import wait_for  # noqa: E402
from spread import spread  # noqa: E402

TEDBENCH = str(BINARIES / "tedbench")
NEAR, GATEWAY, PEER = "192.0.2.1", "192.0.2.2", "192.0.4.1"
GOAL = 0.9
COUNT, WINDOW = 15_000, 32           # what tedd answers at once after a second of silence is 20,000
CALM, CALM_RATE = 400, 200           # what others ask meanwhile: within every rate
PINGS, PING_RATE = 120, 50           # through a tunnel: ping(8) sleeps between two of them, which it does not at 200 a second
SOURCES = 250                        # of the flood, each far beyond its rate
FLOOD_SECONDS = 3
TIMES = 10.5                         # of what tedd can answer: the flood that the shield is to hold off is 10, and some of its seconds are its start
ECHO_GROUP = 33_000


def ahead(process: int, priority: int = 1) -> None:
    """Of all that runs on this machine beside what is measured, and of who floods."""
    run(["chrt", "-a", "-r", "-p", str(priority), str(process)])


class Site:
    """A prober, and the gateway that it asks. The flood comes through a cable of its own: what is measured is the gateway, not whose
    frames find room in a queue. Who asks goes ahead of who floods, on the one processor that both share; the gateway's has the other."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        self.network = Network(f"otb{os.getpid()}{name}")
        self.prober = self.network.host("prober").address("wan", f"{NEAR}/24").route("default", GATEWAY)
        self.prober.commands.append("route add local 198.18.0.0/15 dev lo")
        self.gateway = self.network.router("gwB").address("wan", f"{GATEWAY}/24").address("lan", "10.2.0.1/24").route("default", NEAR)
        self.far = self.network.host("far").address("eth0", "10.2.0.10/24").route("default", "10.2.0.1")
        self.network.link(self.prober, "wan", self.gateway, "wan")
        self.prober.address("flood", "192.0.3.1/24")
        self.gateway.address("flood", "192.0.3.2/24")
        self.network.link(self.prober, "flood", self.gateway, "flood")
        self.network.link(self.gateway, "lan", self.far, "eth0")
        # A tunnel stands with a third one, over a cable of its own.
        self.peer = self.network.router("gwC").address("wan", f"{PEER}/24").address("lan", "10.77.0.1/24").route("default", "192.0.4.2")
        self.inner = self.network.host("inner").address("eth0", "10.77.0.10/24").route("default", "10.77.0.1")
        self.gateway.address("site", "192.0.4.2/24").route("10.77.0.0/24", PEER)
        self.network.link(self.peer, "wan", self.gateway, "site")
        self.network.link(self.peer, "lan", self.inner, "eth0")
        self.network.build()
        self.mac = str(json.loads(run(["ip", "-j", "link", "show", "flood"], namespace=self.gateway.namespace).stdout)[0]["address"])

    def ask(self, count: int, window: int, rate: int) -> dict[str, float]:
        words = run(["chrt", "-r", "1", "taskset", "-c", "0", TEDBENCH, "probes-ask", str(count), str(window), str(rate)],
                    namespace=self.prober.namespace, seconds=60).stdout.split()
        answered, seconds, median = int(words[0]), float(words[1]), float(words[2])
        return {"asked": count, "answered": answered, "a_second": answered / seconds if seconds else 0.0, "median_us": median}

    def flood(self) -> subprocess.Popen[str]:
        """As fast as a program can write them."""
        return self._flood("probes-flood", "flood", self.mac)

    def flood_live(self, a_second: int, interface: str = "flood", mac: str = "") -> subprocess.Popen[str]:
        """So many a second, made in the kernel as a driver would bring them; they come where an XDP program is."""
        return self._flood("probes-flood-live", interface, mac or self.mac, str(a_second))

    def _flood(self, how: str, interface: str, mac: str, *rate: str) -> subprocess.Popen[str]:
        return subprocess.Popen(["ip", "netns", "exec", self.prober.namespace, "taskset", "-c", "0", TEDBENCH, how, interface, mac, str(SOURCES),
                                 str(FLOOD_SECONDS), *rate], stdout=subprocess.PIPE, text=True)


class Gateway(Site):
    """tedd, with or without a shield."""

    def __init__(self, folder: Path, name: str, shield: str, keys: list[str] | None = None) -> None:
        super().__init__(folder, name)
        self.charon = Charon(self.gateway, self.folder, Dataplane.USERSPACE)
        self.charon.wait_ready()
        config = Config([GATEWAY], [Rule("there", ["10.2.0.0/16"], ["any"])], interfaces=["wan", "flood", "site"], shield=shield, discovery_keys=keys)
        self.tedd = Tedd(self.gateway, self.folder, config, self.charon.uri)
        self.tedd.start()
        assert self.tedd.process and self.charon.process
        run(["taskset", "-a", "-p", "-c", "1", str(self.tedd.process.pid)])
        for process in (self.tedd.process, self.charon.process):
            ahead(process.pid)

        self.far_charon = Charon(self.peer, self.folder, Dataplane.USERSPACE)
        self.far_charon.wait_ready()
        self.far_tedd = Tedd(self.peer, self.folder, Config([PEER], [Rule("inner", ["10.77.0.0/24"], ["10.2.0.0/16"])], discovery_keys=keys),
                             self.far_charon.uri)
        self.far_tedd.start()
        # The other end is not what is measured: it goes ahead of who floods.
        for process in (self.far_tedd.process, self.far_charon.process):
            assert process
            ahead(process.pid)
        wait_for("a tunnel that stands", lambda: self.ping(5, 10)["answered"] > 0, 10)

    def ping(self, count: int, rate: int) -> dict[str, float]:
        """Through the tunnel, from behind the other gateway to behind this one."""
        said = run(["chrt", "-r", "1", "ping", "-n", "-q", "-W", "1", "-c", str(count), "-i", str(1 / rate), "10.2.0.10"], namespace=self.inner.namespace,
                   check=False).stdout
        answered = int(said.split(" received")[0].rsplit(" ", 1)[-1])
        average = float(said.rsplit(" = ", 1)[-1].split("/")[1]) if answered else 0.0
        return {"asked": count, "answered": answered, "median_us": 1000 * average}

    def discover(self) -> dict[str, Any]:
        """One discovery by the other gateway, without a tunnel."""
        found: dict[str, Any] = self.far_tedd.ask("trace", "10.2.0.10", "--from", "10.77.0.10")
        return found

    def memory(self) -> int:
        """What tedd has in memory, in KiB."""
        assert self.tedd.process
        status = Path(f"/proc/{self.tedd.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def close(self) -> None:
        self.far_tedd.kill()
        self.far_charon.stop()
        self.tedd.kill()
        self.charon.stop()
        self.network.remove()


class Echo(Site):
    """The same way into user space and out of it, by the same calls and under the same mark, and nothing in between. `tables` are what a gateway
    has beside the interception: each packet that leaves it passes them."""

    def __init__(self, folder: Path, name: str = "echo", tables: str = "") -> None:
        super().__init__(folder, name)
        if tables:
            run(["nft", "-f", "-"], namespace=self.gateway.namespace, text=tables)
        run(["nft", "-f", "-"], namespace=self.gateway.namespace, text=f"""table inet echo {{ chain prerouting {{
            type filter hook prerouting priority -450;
            iifname "wan" ip daddr 10.2.0.0/16 ip frag-off & 0x3fff == 0 udp dport 500 udp length 36-4104 @th,200,16 0x10f0 log group {ECHO_GROUP} counter drop;
        }}; }}""")
        self.process = Process("echo", ["chrt", "-r", "1", "taskset", "-c", "1", TEDBENCH, "probes-echo", str(ECHO_GROUP)], self.folder / "echo.log", self.gateway.namespace)
        wait_for("the echo", lambda: "ready" in self.process.output(), 5, self.process.output)

    def close(self) -> None:
        self.process.stop()
        self.network.remove()


def tables_of(gateway: Gateway) -> str:
    """Its guard and its safety net, so that they can stand elsewhere without a tedd that owns them."""
    listed = [run(["nft", "list", "table", "inet", name], namespace=gateway.gateway.namespace).stdout for name in ("opented", "opented_net")]
    return "\n".join(line for text in listed for line in text.splitlines() if line.strip() != "flags owner" and not line.startswith("#"))


def side_by_side(gateway: Gateway, echo: Echo, guarded: Echo, runs: int) -> dict[str, Any]:
    """In turn; a pause of a second and a half gives tedd its allowance back."""
    rates: dict[str, list[float]] = {"tedd": [], "echo": [], "guarded": []}
    lost = 0
    for _ in range(runs):
        for name, site in (("tedd", gateway), ("echo", echo), ("guarded", guarded)):
            time.sleep(1.5)
            found = site.ask(COUNT, WINDOW, 0)
            lost += int(found["asked"] - found["answered"])
            rates[name].append(found["a_second"])
    pairs, guarded_pairs = ([mine / theirs for mine, theirs in zip(rates["tedd"], rates[name], strict=True)] for name in ("echo", "guarded"))
    return {"tedd_a_second": spread(rates["tedd"]), "echo_a_second": spread(rates["echo"]), "ratio": spread(pairs),
            "guarded_echo_a_second": spread(rates["guarded"]), "guarded_ratio": spread(guarded_pairs), "lost": lost, "goal": GOAL}


def arrived(node: Node, interface: str) -> int:
    """Frames that came to it, also those that a program dropped there."""
    said = json.loads(run(["ip", "-j", "-s", "link", "show", "dev", interface], namespace=node.namespace).stdout)
    return int(said[0]["stats64"]["rx"]["packets"])


def under_flood(site: Gateway, flood: subprocess.Popen[str] | None, tunnel: bool, end: tuple[Node, str] | None = None) -> dict[str, float]:
    """What known sources get meanwhile, or what a standing tunnel carries; and how many frames of the flood came to its end."""
    node, interface = end or (site.gateway, "flood")
    before = arrived(node, interface)
    if flood:
        time.sleep(0.5)
    found = site.ping(PINGS, PING_RATE) if tunnel else site.ask(CALM, CALM, CALM_RATE)
    if flood:
        flood.communicate()
        found["flood_a_second"] = (arrived(node, interface) - before) / FLOOD_SECONDS
    return found


@contextmanager
def on_processor(site: Gateway, processor: int) -> Iterator[None]:
    """What is done with frames of the flood's cable is done there, and not by who sends them, as it is with a veth."""
    name, switch = site.gateway.namespace, "/sys/class/net/flood/threaded"
    run(["ip", "netns", "exec", name, "sh", "-c", f"echo 1 > {switch}"])
    threads = [folder.name for folder in Path("/proc").glob("[0-9]*") if is_thread_of(folder, "napi/flood-")]
    for thread in threads:
        run(["taskset", "-p", "-c", str(processor), thread])
        os.setpriority(os.PRIO_PROCESS, int(thread), -20)       # of all but tedd
    try:
        yield
    finally:
        run(["ip", "netns", "exec", name, "sh", "-c", f"echo 0 > {switch}"])


def is_thread_of(folder: Path, prefix: str) -> bool:
    try:
        return (folder / "comm").read_text().startswith(prefix)
    except OSError:
        return False


def least_program(folder: Path) -> Path:
    """The least that any gateway pays for a frame that reaches it: a program that drops it where the shield stands."""
    source, made = folder / "drop.bpf.c", folder / "drop.bpf.o"
    source.write_text('__attribute__((section("xdp"))) int drop(void *frame) { return 1; }\nchar words[] __attribute__((section("license"))) = "GPL";\n')
    run(["clang-19", "-O2", "-g", "-target", "bpf", "-c", str(source), "-o", str(made)])
    return made


@contextmanager
def dropping(site: Gateway, program: Path) -> Iterator[None]:
    """All that comes over the flood's cable is dropped by the least program, attached as the shield would be."""
    run(["ip", "link", "set", "dev", "flood", "xdpdrv", "obj", str(program), "sec", "xdp"], namespace=site.gateway.namespace)
    try:
        yield
    finally:
        run(["ip", "link", "set", "dev", "flood", "xdpdrv", "off"], namespace=site.gateway.namespace)


def flooded(plain: Gateway, shielded: Gateway, program: Path, rate: int, runs: int) -> dict[str, list[dict[str, float]]]:
    """The flood into a device that drops says what it costs to make one on this machine; that into a program that only drops what it costs to be
    sent one. What remains is what it costs the gateway to tell probes from probes. A veth has it cost who sends: in one more row the gateway's own
    processor does it, and in the last, without a shield, that one gets what socket buffers can be made for."""
    run(["ip", "link", "add", "sink", "type", "veth", "peer", "name", "drain"], namespace=plain.prober.namespace)
    for name in ("sink", "drain"):
        run(["ip", "link", "set", name, "up"], namespace=plain.prober.namespace)
    run(["ip", "link", "set", "dev", "drain", "xdpdrv", "obj", str(program), "sec", "xdp"], namespace=plain.prober.namespace)
    found: dict[str, list[dict[str, float]]] = {}
    for site in (plain, shielded):
        site.ask(CALM, CALM, CALM_RATE)        # its sources are known
    for _ in range(runs):
        for tunnel in (False, True):
            what = "a tunnel, " if tunnel else ""
            found.setdefault(what + "no flood", []).append(under_flood(shielded, None, tunnel))
            elsewhere = plain.flood_live(rate, "sink", "02:00:00:00:00:01")
            found.setdefault(what + "flood elsewhere", []).append(under_flood(shielded, elsewhere, tunnel, (plain.prober, "drain")))
            with dropping(plain, program):
                found.setdefault(what + "flood, dropped whole", []).append(under_flood(plain, plain.flood_live(rate), tunnel))
                with on_processor(plain, 1):
                    found.setdefault(what + "flood, dropped at tedd's side", []).append(under_flood(plain, plain.flood_live(rate), tunnel))
            found.setdefault(what + "flood, shield", []).append(under_flood(shielded, shielded.flood_live(rate), tunnel))
            with on_processor(shielded, 1):
                found.setdefault(what + "flood, shield at tedd's side", []).append(under_flood(shielded, shielded.flood_live(rate), tunnel))
            found.setdefault(what + "flood, no shield", []).append(under_flood(plain, plain.flood(), tunnel))
            time.sleep(1.5)
    return dict(sorted(found.items(), key=lambda entry: entry[0].startswith("a tunnel")))


def authenticated(site: Gateway, runs: int) -> dict[str, Any]:
    """Discoveries that prove themselves, of a gateway that is not flooded, while the other one is: how long they take, how many probes each needs."""
    found: dict[str, Any] = {"no flood": [], "flood": [], "repeated": 0, "unanswered": 0, "flood_a_second": [], "memory_kib": [site.memory()]}
    for _ in range(runs):
        for name in ("no flood", "flood"):
            flood = site.flood() if name == "flood" else None
            end = time.monotonic() + FLOOD_SECONDS - 0.5
            time.sleep(0.3)
            while time.monotonic() < end:
                one = site.discover()
                found["unanswered"] += not one["answered"]
                if one["answered"]:
                    found["repeated"] += one["attempts"] - 1
                    found[name].append(one["rtt_us"])
            if flood:
                found["flood_a_second"].append(int(flood.communicate()[0]) / FLOOD_SECONDS)
                found["memory_kib"].append(site.memory())
            time.sleep(1)
    return found


def authenticated_table(found: dict[str, Any]) -> str:
    idle, under = (statistics.median(found[name]) for name in ("no flood", "flood"))
    return "\n".join([
        f"{'discoveries under a key, while probes without it come in':52}{'us':>12}{'p90':>12}{'flood /s':>12}",
        *(f"  {name:50}{statistics.median(found[name]):12.1f}{statistics.quantiles(found[name], n=10)[8]:12.1f}"
          f"{statistics.median(found['flood_a_second']) if name == 'flood' else 0:12,.0f}" for name in ("no flood", "flood")),
        f"  {under / idle:.2f} times its idle time, goal at most 2; of {len(found['no flood'] + found['flood'])} {found['repeated']} probes were repeated, "
        f"{found['unanswered']} unanswered; memory of tedd {found['memory_kib'][0]} KiB before, {found['memory_kib'][-1]} after"])


def table(rates: dict[str, Any], floods: dict[str, list[dict[str, float]]]) -> str:
    lines = [f"{'probes answered a second, ' + str(WINDOW) + ' under way':52}{'median':>12}{'min':>12}{'max':>12}"]
    for name, key in (("tedd", "tedd_a_second"), ("bare echo", "echo_a_second"), ("tedd / echo, pair by pair", "ratio"),
                      ("the same echo behind tedd's guard and net", "guarded_echo_a_second"), ("tedd / that one", "guarded_ratio")):
        digits = 2 if key.endswith("ratio") else 0
        lines.append(f"  {name:50}" + "".join(f"{rates[key][which]:12,.{digits}f}" for which in ("median", "min", "max")))
    ratio = rates["ratio"]["median"]
    lines.append(f"  goal at least {GOAL} of the first{'' if ratio >= GOAL else '  missed'}; {rates['lost']} lost")
    lines.append(f"{f'{CALM} probes of known sources, or {PINGS} pings':52}{'answered':>12}{'us':>12}{'flood /s':>12}")
    capacity = rates["tedd_a_second"]["median"]
    for name, runs in floods.items():
        share = statistics.median(run["answered"] / run["asked"] for run in runs)
        flood = statistics.median(run.get("flood_a_second", 0) for run in runs)
        lines.append(f"  {name:50}{share:12.1%}{statistics.median(run['median_us'] for run in runs):12.1f}{flood:12,.0f}{flood / capacity:8.1f} x")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="probes answered beside a bare echo, and under a flood")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if reason := needs.missing_ground() or needs.missing_tun():
        print(json.dumps({"skipped": reason}) if options.json else f"SKIP interception: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="otb-") as name:
        folder = Path(name)
        sites: list[Gateway | Echo] = []
        try:
            plain = Gateway(folder, "plain", "off")
            sites.append(plain)
            echo = Echo(folder)
            sites.append(echo)
            guarded = Echo(folder, "guarded", tables_of(plain))
            sites.append(guarded)
            rates = side_by_side(plain, echo, guarded, options.runs)
            shielded = Gateway(folder, "shielded", "native")
            sites.append(shielded)
            floods = flooded(plain, shielded, least_program(folder), int(TIMES * rates["tedd_a_second"]["median"]), options.runs)
            keyed = Gateway(folder, "keyed", "auto", ["one discovery key for all gateways"])
            sites.append(keyed)
            proved = authenticated(keyed, options.runs)
        finally:
            for site in reversed(sites):
                site.close()
    print(json.dumps({"rates": rates, "floods": floods, "authenticated": proved}) if options.json
          else table(rates, floods) + "\n" + authenticated_table(proved))
    return 0


if __name__ == "__main__":
    sys.exit(main())

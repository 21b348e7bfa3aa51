#!/usr/bin/env python3
"""What the guard costs a forwarded packet, and its replacement, at 10 to 100,000 rules: h1 - gateway - h2 in namespaces."""
from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/lab"))

from lib.process import run  # noqa: E402
from lib.tedd import BINARIES  # noqa: E402
from lib.topology import Network  # noqa: E402

TEDBENCH = str(BINARIES / "tedbench")
PACKETS = 20_000
# Line by line, 10,000 rules already take a third of a millisecond for each packet.
CASES = [(10, "lines"), (1_000, "lines"), (10, "plan"), (1_000, "plan"), (10_000, "plan"), (100_000, "plan")]


# What stands around the lines: form of the guard, and whether the safety net stands behind it.
AROUND = [("lines", False), ("userspace", False), ("userspace", True), ("beside", False), ("beside", True)]
AROUND_RULES = 10


def put(namespace: str, rules: int, form: str) -> float:
    """Milliseconds until the kernel has that guard, and has forgotten the one before."""
    return float(run([TEDBENCH, "guard-put", str(rules), form], namespace=namespace, seconds=60).stdout.split()[1])


def flood(namespace: str) -> float:
    return float(run(["taskset", "-c", "0", TEDBENCH, "flood", str(PACKETS)], namespace=namespace).stdout)


@contextmanager
def net(namespace: str, wanted: bool) -> Iterator[None]:
    """The safety net, as long as its process lives."""
    if not wanted:
        yield
        return
    keeper = subprocess.Popen(["ip", "netns", "exec", namespace, TEDBENCH, "guard-net", str(AROUND_RULES)], stdout=subprocess.PIPE, text=True)
    assert keeper.stdout and keeper.stdout.readline() == "ready\n"
    try:
        yield
    finally:
        keeper.kill()
        keeper.wait()


def around(h1: str, gateway: str, runs: int) -> list[dict[str, object]]:
    """With the routing rules of userspace ESP, by which a marked packet leaves out a table that would swallow it."""
    for words in ("rule add pref 218 fwmark 0x40000000/0x40000000 goto 221", "rule add pref 221 nop", "rule add pref 220 lookup 220"):
        run(["ip", *words.split()], namespace=gateway)
    results = []
    for form, behind in AROUND:
        took = [put(gateway, AROUND_RULES, form) for _ in range(2 * runs)]
        costs, bare = [], []
        for _ in range(runs):       # with and without in turn
            with net(gateway, behind):
                costs.append(flood(h1))
            run(["nft", "delete", "table", "inet", "opented"], namespace=gateway)
            bare.append(flood(h1))
            costs[-1] -= bare[-1]
            put(gateway, AROUND_RULES, form)
        results.append({"form": form, "net": behind, "bare_ns": round(statistics.median(bare)), "ns": round(statistics.median(costs)), "min": round(min(costs)), "max": round(max(costs)),
                        "replace_ms": round(statistics.median(took[1:]), 1), "best_ms": round(min(took[1:]), 1)})
        run(["nft", "delete", "table", "inet", "opented"], namespace=gateway)
    return results


def measure(runs: int) -> dict[str, list[dict[str, object]]]:
    network = Network(f"otb{os.getpid()}g")
    try:
        h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
        gateway = network.router("gw").address("lan", "10.1.0.1/24").address("wan", "10.2.0.1/24")
        h2 = network.host("h2").address("eth0", "10.2.0.10/24").route("default", "10.2.0.1")
        network.link(h1, "eth0", gateway, "lan")
        network.link(gateway, "wan", h2, "eth0")
        network.build()
        run(["nft", "-f", "-"], namespace=h2.namespace,
            text="table netdev sink { chain in { type filter hook ingress device eth0 priority 0; udp dport 9 drop\n}\n}\n")
        flood(h1.namespace)
        results = []
        for rules, form in CASES:
            took = [put(gateway.namespace, rules, form) for _ in range(2 * runs)]
            costs = []
            for _ in range(runs):       # with and without in turn
                costs.append(flood(h1.namespace))
                run(["nft", "delete", "table", "inet", "opented"], namespace=gateway.namespace)
                costs[-1] -= flood(h1.namespace)
                put(gateway.namespace, rules, form)
            results.append({"rules": rules, "form": form, "ns": round(statistics.median(costs)), "min": round(min(costs)), "max": round(max(costs)),
                            "first_ms": round(took[0]), "replace_ms": round(statistics.median(took[1:])), "best_ms": round(min(took[1:]))})
            run(["nft", "delete", "table", "inet", "opented"], namespace=gateway.namespace)
        return {"rules": results, "around": around(h1.namespace, gateway.namespace, runs)}
    finally:
        network.remove()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        results = measure(arguments.runs)
    except subprocess.CalledProcessError as error:
        print(error.stderr or error, file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(results))
        return 0
    print(f"\nthe guard, {PACKETS} packets a run, {arguments.runs} runs; nanoseconds of processor a packet, over no guard at all")
    print("| rules | form | median | min-max | first, ms | replacement, ms | best, ms |\n|---|---|---|---|---|---|---|")
    for result in results["rules"]:
        print("| {rules:,} | {form} | {ns} | {min}-{max} | {first_ms} | {replace_ms} | {best_ms} |".format(**result))
    print(f"\nthe same with {AROUND_RULES} rules and what stands around them\n| guard | path without it | median | min-max | replacement, ms | best, ms |\n|---|---|---|---|---|---|")
    for result in results["around"]:
        print("| {form}{behind} | {bare_ns} | {ns} | {min}-{max} | {replace_ms} | {best_ms} |".format(behind=", safety net" if result["net"] else "", **result))
    return 0


if __name__ == "__main__":
    sys.exit(main())

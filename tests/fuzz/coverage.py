#!/usr/bin/env python3
"""coverage.py [TARGET…]: how many lines of each decoder its fuzz target reaches, over the corpus of the project and what the fuzzer has found
beside it (out/fuzz/corpus). Prints a line for each target; exit status 1 when one reaches less than 95 of 100.

Needs the fuzz targets of the preset coverage: cmake --preset coverage && cmake --build --preset coverage.
"""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out/coverage"
GOAL = 95.0

# What each target is there to reach: the files that read what a stranger wrote.
DECODERS = {
    "wire_decode": ("wire", ["decode", "header", "identity", "offer", "proxy", "summary", "vendor", "box", "proof"]),
    "wire_packet": ("wire", ["ip", "packet", "unreachable"]),
    "config_parse": ("config", ["document", "pieces", "section", "config", "rule_reader", "address_list"]),
    "nflog_messages": ("platform/nflog", ["message"]),
    "rtnl_messages": ("platform/rtnl", ["messages", "networks"]),
    "nft_messages": ("platform/nft", ["messages"]),
    "xfrm_messages": ("platform/xfrm", ["messages"]),
    "vici_packet": ("platform/vici", ["message", "packet"]),
    "control_line": ("control", ["json", "request", "reply", "selector_json", "timestamp"]),
    "cli_pcap": ("cli", ["pcap", "link"]),
    "pki_certificate": ("platform/pki", ["certificate", "declared_blocks", "signature"]),
    "pki_examination": ("platform/pki", ["examination"]),
    "migrate_import": ("migrate", ["ios", "swanctl"]),
}


def data_of(name: str) -> list[Path]:
    """Where the compiler left the counts of the source file `name`."""
    return [path for path in OUT.rglob(f"{name}.cpp.gcno")]


def lines_of(layer: str, name: str) -> dict[int, int]:
    """Line number: how often it ran. Without what stands in other files."""
    counts: dict[int, int] = {}
    source = f"src/{layer}/{name}.cpp"
    for notes in data_of(name):
        if not notes.with_suffix(".gcda").exists():
            continue
        told = subprocess.run(["gcov", "--json-format", "--stdout", str(notes)], capture_output=True, text=True, check=True, cwd=OUT).stdout
        for line in told.splitlines():
            for file in json.loads(line)["files"] if line.startswith("{") else []:
                if not file["file"].endswith(source):
                    continue
                for one in file["lines"]:
                    counts[one["line_number"]] = counts.get(one["line_number"], 0) + one["count"]
    return counts


def measure(target: str, verbose: bool) -> float:
    for stale in OUT.rglob("*.gcda"):
        stale.unlink()
    corpora = [ROOT / "tests/fuzz/corpus" / target, ROOT / "out/fuzz/corpus" / target]
    subprocess.run([OUT / "bin" / f"fuzz_{target}", *(str(path) for path in corpora if path.is_dir())], check=True, stdout=subprocess.DEVNULL)
    layer, names = DECODERS[target]
    reached = known = 0
    for name in names:
        lines = lines_of(layer, name)
        if not lines:
            sys.exit(f"{target}: nothing is known of src/{layer}/{name}.cpp; build the preset coverage")
        reached += sum(count > 0 for count in lines.values())
        known += len(lines)
        missed = sorted(number for number, count in lines.items() if count == 0)
        if verbose and missed:
            print(f"  src/{layer}/{name}.cpp: not reached: {', '.join(map(str, missed))}")
    return 100 * reached / known


def main() -> int:
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or list(DECODERS)
    low = 0
    for target in wanted:
        percent = measure(target, "-v" in sys.argv)
        low += percent < GOAL
        print(f"{'ok' if percent >= GOAL else 'LOW'} {target}: {percent:.1f} % of the lines of its decoder", flush=True)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())

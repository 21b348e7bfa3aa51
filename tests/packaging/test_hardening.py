#!/usr/bin/env python3
"""How the programs are built, what the unit lets them do and when it starts them, and that the page of threats names tests and labs that there are.
Prints one line for each test.

    tests/packaging/test_hardening.py
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lines import Tests, run_tests

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "packaging/systemd/tedd.service"
PROFILE = ROOT / "packaging/apparmor/usr.sbin.tedd"
BINARIES = Path(os.environ.get("OPENTED_BIN", ROOT / "out/release/bin"))
PROGRAMS = ("tedd", "tedctl", "tedsim")
EXPOSED = 30  # at most, in tenths: what systemd-analyze says of the unit
FAMILIES = {"AF_UNIX": "unix", "AF_INET": "inet", "AF_INET6": "inet6", "AF_NETLINK": "netlink", "AF_PACKET": "packet"}


def _run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def programs_are_hardened() -> list[str]:
    """At random places, no table of addresses writable, no stack executable, and the checks of the compiler in them."""
    wanted = (("-h", r"Type:\s+DYN", "no position-independent executable"), ("-d", r"FLAGS_1\).*\bPIE\b", "no position-independent executable"),
              ("-l", r"GNU_RELRO", "no relocations that are read-only"), ("-d", r"BIND_NOW", "symbols are bound late: the table stays writable"),
              ("-l", r"GNU_STACK\s+\S+ \S+ \S+ \S+ \S+ RW ", "a stack that can be executed, or nothing said of it"),
              ("--dyn-syms", r"__stack_chk_fail", "no stack protector"), ("--dyn-syms", r"__\w+_chk\b(?<!__stack_chk)", "nothing fortified"))
    wrong = []
    for program in PROGRAMS:
        for option, pattern, fault in wanted:
            if not re.search(pattern, _run("readelf", "-W", option, BINARIES / program).stdout):
                wrong.append(f"{program}: {fault}")
    return wrong


def _settings() -> dict[str, set[str]]:
    """Of the unit: the words of each key, of all its lines."""
    words: dict[str, set[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.M):
        words.setdefault(key, set()).update(value.split())
    return words


def unit_comes_before_interfaces() -> list[str]:
    """The guard stands before the first packet can be forwarded, and behind what flushes all tables as it starts."""
    settings = _settings()
    wanted = {"Before": {"network-pre.target", "strongswan.service", "shutdown.target"}, "Wants": {"network-pre.target"}, "DefaultDependencies": {"no"},
              "Conflicts": {"shutdown.target"}, "After": {"nftables.service", "local-fs.target"}, "Type": {"notify"}}
    wrong = [f"{key} names no {word}" for key, all_of_it in wanted.items() for word in sorted(all_of_it - settings.get(key, set()))]
    if settings.get("After", set()) & {"network.target", "network-online.target", "strongswan.service"}:
        wrong.append("it waits for the network, which is to wait for it")
    return wrong + ([] if settings.get("WatchdogSec") else ["no watchdog"])


def unit_exposes_little() -> list[str]:
    done = _run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", UNIT)
    print(*re.findall(r"Overall exposure level.*?: [\d.]+", done.stdout))
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()[-3:]


def sockets_are_allowed() -> list[str]:
    """What the sources open is in the unit's list and in the profile; nothing else is."""
    opened = {family for path in sorted((ROOT / "src").rglob("*.cpp")) for family in re.findall(r"\bAF_[A-Z0-9]+\b", path.read_text())}
    unknown = opened - set(FAMILIES)
    allowed = _settings().get("RestrictAddressFamilies", set())
    profile = set(re.findall(r"^  network (\w+)", PROFILE.read_text(), re.M)) | {"unix"}  # in abstractions/base
    wrong = [f"{family}: this test does not know it" for family in sorted(unknown)]
    wrong += [f"{family}: opened, and not allowed by the unit" for family in sorted(opened - unknown - allowed)]
    wrong += [f"{family}: allowed by the unit, and not opened" for family in sorted(allowed - opened)]
    return wrong + [f"{family}: opened, and not allowed by the profile" for family in sorted(opened - unknown) if FAMILIES[family] not in profile]


def threats_name_tests_that_exist() -> list[str]:
    text = (ROOT / "docs/threats.md").read_text()
    sources = "".join(path.read_text() for path in sorted((ROOT / "tests").rglob("*.cpp")))
    tests = re.findall(r"\bTEST(?:_F|_P)?\((\w+), (\w+)\)", sources)
    suites, names = {suite for suite, _ in tests}, {f"{suite}.{name}" for suite, name in tests}
    lone = {name for _, name in tests}
    labs = {path.name[:2] for path in (ROOT / "tests/lab").glob("[0-9][0-9]-*")}
    fuzzers = {path.name for path in (ROOT / "tests/fuzz/corpus").iterdir()}
    wrong = []
    for row in [line for line in text.splitlines() if line.startswith("| ")]:
        shown = row.split(" | ")[-1]
        for name in re.findall(r"`([^`]+)`", shown):
            if name.endswith(".*"):
                wrong += [] if name[:-2] in suites else [f"{name}: no such tests"]
            elif name.startswith("…"):
                wrong += [] if name[1:] in lone or any(one.endswith(name[1:]) for one in lone) else [f"{name}: no such test"]
            elif re.fullmatch(r"[A-Z]\w+\.[A-Z]\w+", name):
                wrong += [] if name in names else [f"{name}: no such test"]
            elif re.fullmatch(r"[A-Z]\w+Test", name):
                wrong += [] if name in suites else [f"{name}: no such tests"]
        for several in re.findall(r"\bfuzzers? (`\w+`(?:(?:, | and )`\w+`)*)", shown):
            wrong += [f"{name}: no such fuzzer" for name in re.findall(r"\w+_\w+", several) if name not in fuzzers]
        for several in re.findall(r"\blabs? (\d\d(?:(?:, | and )\d\d)*)", shown):
            wrong += [f"lab {lab}: there is none" for lab in re.findall(r"\d\d", several) if lab not in labs]
    return wrong + ([] if len(tests) > 500 and len(labs) > 40 else ["tests and labs are not found where this test looks"])


TESTS: Tests = (
    (programs_are_hardened, "readelf"), (unit_comes_before_interfaces, ""), (unit_exposes_little, "systemd-analyze"), (sockets_are_allowed, ""), (threats_name_tests_that_exist, ""))


if __name__ == "__main__":
    sys.exit(run_tests(TESTS))

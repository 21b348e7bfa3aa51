#!/usr/bin/python3
"""The reference is what the programs say of themselves: commands, keys of the configuration, events. (Metrics: tests/unit/daemon/measure_test.cpp.)

    tests/docs/test_reference.py                            prints one line for each test
    OPENTED_UPDATE_GOLDEN=1 tests/docs/test_reference.py    writes docs/commands.md anew
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lines import Tests, run_tests

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("OPENTED_BIN", ROOT / "out/release/bin")).resolve()
BEGIN = """# Command line

What each program says of itself with `--help`; a test holds this page to it. What the answers mean: [running.md](running.md); exit
statuses: [there](running.md#exit-statuses). The same as manual pages: tedd(8), tedctl(1), tedsim(1).
"""


def _run(*command: object) -> str:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False).stdout.replace(f"{BINARIES}/", "").strip()


def _commands(*above: str) -> Iterator[tuple[str, ...]]:
    said = _run(BINARIES / "tedctl", *above, "--help").split("Subcommands:")
    for name in re.findall(r"^  ([a-z]+) ", said[1], re.M) if len(said) > 1 else []:
        yield (*above, name)
        yield from _commands(*above, name)


def _page() -> str:
    calls = [("tedd",), ("tedctl",), *(("tedctl", *names) for names in _commands()), ("tedsim",)]
    return BEGIN + "".join(f"\n## {' '.join(call)}\n\n```text\n{_run(BINARIES / call[0], *call[1:], '--help')}\n```\n" for call in calls)


def commands_are_the_programs_own() -> list[str]:
    path, page = ROOT / "docs/commands.md", _page()
    if page.count("\n## ") < 22:
        return [f"only {page.count(chr(10) + '## ')} commands found, this test reads them wrongly"]
    if odd := sorted({character for character in page if not (character.isprintable() or character == "\n")}):
        return [f"a program's help has characters that nobody can read: {odd}"]
    if os.environ.get("OPENTED_UPDATE_GOLDEN"):
        path.write_text(page)
    shown = path.read_text().split("\n") if path.exists() else []
    lacks = [line for line in page.split("\n") if line not in shown]
    return [] if "\n".join(shown) == page else ["docs/commands.md is not what the programs say; OPENTED_UPDATE_GOLDEN=1 writes it anew", *lacks]


def _known_keys() -> dict[str, set[str]]:
    """Asked of tedctl itself, which names them all when it meets one that it does not know."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "asks.toml"
        path.write_text("".join(f"{table}\nno_such_key = 1\n" for table in ("[gateway]", "[ike]", "[discovery]", "[[peer]]", "[[rule]]")))
        done = subprocess.run([BINARIES / "tedctl", "check", path], capture_output=True, text=True, check=False)
    found = re.findall(r"^tedctl: \S+ (.*) has the unknown key 'no_such_key' \(there are: ([^)]*)\)$", done.stdout + done.stderr, re.M)
    tables = {"[gateway]": "[gateway]", "[ike]": "[ike]", "[discovery]": "[discovery]", "a peer": "[[peer]]", "a rule": "[[rule]]"}
    return {tables.get(title, title): set(keys.split(", ")) for title, keys in found}


def keys_are_those_of_the_reader() -> list[str]:
    known, wrong = _known_keys(), []
    if set(known) != {"[gateway]", "[ike]", "[discovery]", "[[peer]]", "[[rule]]"}:
        return [f"tables that name their keys: {sorted(known)}"]
    text = (ROOT / "docs/configuration.md").read_text()
    for table, keys in known.items():
        section = text.split(f"\n## {table}\n")[1].split("\n## ")[0].split("\n### ")[0]
        shown = {key for cell in re.findall(r"^\| (`[^|]*`) \|", section, re.M) for key in re.findall(r"`([a-z_]+)`", cell)}
        wrong += [f"{table} has the key {key}, and docs/configuration.md says nothing of it" for key in sorted(keys - shown)]
        wrong += [f"docs/configuration.md tells of {table} {key}, which is none" for key in sorted(shown - keys)]
    return wrong


def events_are_those_of_the_code() -> list[str]:
    code = {one for path in (ROOT / "src").rglob("*.[ch]pp") for one in re.findall(r'"(TED-[A-Z-]+)"', path.read_text())}
    page = re.findall(r"^\| (TED-[A-Z-]+) \|", (ROOT / "docs/events.md").read_text(), re.M)
    if len(code) < 40:
        return [f"only {len(code)} events found, this test reads them wrongly"]
    wrong = [f"{one} happens, and docs/events.md says nothing of it" for one in sorted(code - set(page))]
    wrong += [f"docs/events.md tells of {one}, which never happens" for one in sorted(set(page) - code)]
    return wrong + [f"docs/events.md tells twice of {one}" for one in sorted(set(page)) if page.count(one) > 1]


TESTS: Tests = ((commands_are_the_programs_own, ""), (keys_are_those_of_the_reader, ""), (events_are_those_of_the_code, ""))


if __name__ == "__main__":
    sys.exit(run_tests(TESTS))

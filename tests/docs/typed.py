#!/usr/bin/python3
"""Types the tutorial, and the how-to guides that go on from it, as they are written, and holds what is printed to what they say is printed.

    tests/docs/typed.py                    the programs in out/release/bin, or $OPENTED_BIN
    tests/docs/typed.py --tree DIR PAGE…   in a Debian tree, with its packages installed by the tutorial's own block

One line for each block: `ok` or `FAIL` with all that was said, `SKIP` with the reason.
"""
from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fences import ROOT, Block, blocks
from terminals import Machine, Terminal
from untyped import IN_TREE, NOWHERE

# One after the other: each page says that it begins where another one ends. The tutorial's last section is typed last.
SERIES = ("tutorial", "monitoring", "troubleshooting", "howto-certificates", "howto-discovery", "running")
LAST = "8. Clean up"
PLACES = {"one machine": ("one machine",), "gateway-a": ("gateway-a",), "gateway-b": ("gateway-b",), "both gateways": ("gateway-a", "gateway-b"),
          "each machine": ("each machine",)}
PLACE = re.compile(r"^(?P<place>[^(]+?)(?: \(exit status (?P<status>\d+)\))?$")


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def missing(wanted: str, said: str) -> str:
    """The first line of `wanted` that is not, in order, among those said; … stands for anything."""
    lines = iter(_lines(said))
    for line in _lines(wanted):
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("…")))
        if not any(pattern.fullmatch(one) for one in lines):
            return line
    return ""


def script(series: tuple[str, ...]) -> list[Block]:
    every = [block for page in series for block in blocks(ROOT / "docs" / f"{page}.md")]
    return [one for one in every if one.section != LAST] + [one for one in every if one.section == LAST]


class Typist:
    def __init__(self, machine: Machine, in_tree: bool) -> None:
        self._machine, self._in_tree, self._terminals, self.failed = machine, in_tree, {}, 0
        self._said: dict[str, str] = {}    # by terminal, of the block before

    def _terminal(self, title: str) -> Terminal:
        if title not in self._terminals:
            self._terminals[title] = self._machine.terminal(title, network=title != "each machine")
        return self._terminals[title]

    def read(self, block: Block) -> None:
        if block.language == "text" and block.title == "prints":
            self._compare(block)
        elif block.language == "sh" and block.title:
            self._type(block)

    def _compare(self, block: Block) -> None:
        for title, said in self._said.items():
            lacks = missing(block.text, said)
            self._tell(block, f"what {title} prints", [f"not printed: {lacks}", said] if lacks else [])
        if not self._said:
            self._tell(block, "what is printed", ["nothing was typed before it"])

    def _type(self, block: Block) -> None:
        self._said = {}
        key = (block.page, block.first_line)
        reason = NOWHERE.get(key) or ("" if self._in_tree else IN_TREE.get(key))
        if reason:
            print(f"SKIP {block.name} {block.first_line}: {reason}", flush=True)
            return
        how = PLACE.match(block.title)
        if not how or how["place"] not in PLACES or (how["place"] == "each machine" and key not in IN_TREE):
            self._tell(block, "place", [f"where is '{block.title}'? There are: {', '.join(PLACES)}; what cannot be typed stands in untyped.py"])
            return
        for title in PLACES[how["place"]]:
            began = time.monotonic()
            try:
                said, status, failed = self._terminal(title).type(block.text)
            except (TimeoutError, EOFError) as error:
                self._tell(block, title, [str(error)])
                raise SystemExit(1) from None
            wanted = int(how["status"] or 0)
            wrong = [] if status == wanted else [f"exit status {status}, not {wanted}"]
            wrong += [f"failed: {command}" for command in failed[:-1 if wanted else None]]
            self._tell(block, f"{title} ({time.monotonic() - began:.1f} s)", [*wrong, said] if wrong else [])
            self._said[title] = said

    def logs(self) -> None:
        """What the programs of each gateway had to say, for whoever has to find out why something failed."""
        for title in sorted({"gateway-a", "gateway-b"} & set(self._terminals)):
            said, _, _ = self._terminals[title].type("tail -n 60 /run/tedd.log /run/charon.log 2>/dev/null || true")
            print(f"  --- {title}\n  " + said.strip().replace("\n", "\n  "), flush=True)

    def _tell(self, block: Block, what: str, wrong: list[str]) -> None:
        self.failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok'} {block.name} {what}", flush=True)
        for text in wrong:
            print("  " + text.replace("\n", "\n  "), flush=True)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tree", type=Path)
    arguments.add_argument("pages", nargs="*", default=SERIES)
    given = arguments.parse_args()
    folder = Path("/etc/opented")
    made = not given.tree and not folder.exists()
    if made:
        folder.mkdir()    # where the page mounts a folder of its own, in the machine alone
    machine = Machine(tree=given.tree) if given.tree else Machine(Path(os.environ.get("OPENTED_BIN", ROOT / "out/release/bin")).resolve())
    try:
        typist = Typist(machine, bool(given.tree))
        for block in script(tuple(given.pages)):
            typist.read(block)
            if typist.failed:    # what comes next builds on it
                typist.logs()
                break
    finally:
        machine.end()
        if made:
            folder.rmdir()
    return 1 if typist.failed else 0


if __name__ == "__main__":
    sys.exit(main())

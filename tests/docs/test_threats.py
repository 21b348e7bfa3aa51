#!/usr/bin/python3
"""docs/threats.md says for each attack that a lab makes what the lab says where nothing stops it, and the lab says that.

    tests/docs/test_threats.py    prints one line for each test
"""
from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LABS = ROOT / "tests/lab"
sys.path.insert(0, str(LABS / "without"))
sys.path.insert(0, str(ROOT / "tests/fuzz"))
from coverage import DECODERS, GOAL  # noqa: E402
from defences import DEFENCES  # noqa: E402

PAGE = (ROOT / "docs/threats.md").read_text()
SECTION = "## That the labs would notice\n"
WITHOUT = re.compile(r"without the defence (\S+) it is not so: ")


@dataclass(frozen=True)
class Row:
    attack: str
    off: str
    lab: str
    says: str


def _section() -> str:
    return PAGE.partition(SECTION)[2].partition("\n## ")[0]


def _rows() -> list[Row]:
    lines = [line for line in _section().splitlines() if line.startswith("| ")][1:]
    return [Row(attack, off, lab, says.strip("`")) for attack, off, lab, says in (line.strip("| ").split(" | ") for line in lines)]


def _said(lab: str) -> set[str]:
    """What the lab of that number must say, on any data plane."""
    return {line for file in LABS.glob(f"{lab}-*/expected*.txt") for line in file.read_text().splitlines()}


def rows_name_labs_that_say_so() -> list[str]:
    rows = _rows()
    if len(rows) < 30:
        return [f"only {len(rows)} rows found, this test reads them wrongly"]
    return [f"lab {row.lab} does not say '{row.says}'" for row in rows if row.says not in _said(row.lab)]


def rows_and_labs_name_the_same_defences() -> list[str]:
    wrong = []
    for row in _rows():
        named = re.findall(r"defence `(\S+)`", row.off)
        told = WITHOUT.findall(row.says)
        if named != told:
            wrong.append(f"{row.attack}: '{row.off}' stands beside '{row.says}'")
    known = {name for row in _rows() for name in WITHOUT.findall(row.says)}
    return wrong + [f"no row has the defence {name}" for name in sorted(DEFENCES.keys() - known)] + [f"there is no defence {name}" for name in sorted(known - DEFENCES.keys())]


def what_a_lab_does_without_has_its_row() -> list[str]:
    listed = {(row.lab, row.says) for row in _rows()}
    folders = sorted({file.parent for file in LABS.glob("[0-9][0-9]-*/expected*.txt")})
    return [f"lab {folder.name} says '{line}'" for folder in folders for line in sorted(_said(folder.name[:2]))
            if line.startswith("without ") and " it is not so: " in line and (folder.name[:2], line) not in listed]


def labs_of_the_page_are_there_and_have_their_say() -> list[str]:
    """Each lab that is named beside an attack exists, and the section says of it how it would notice."""
    named = {number for words in re.findall(r"\blabs? (\d\d(?:(?:, | and )\d\d)*)", PAGE.partition(SECTION)[0]) for number in re.findall(r"\d\d", words)}
    if len(named) < 20:
        return [f"only {len(named)} labs found, this test reads them wrongly"]
    there = {folder.name[:2] for folder in LABS.glob("[0-9][0-9]-*")}
    covered = {row.lab for row in _rows()}
    return [f"there is no lab {number}" for number in sorted(named - there)] + [f"how lab {number} would notice is not said" for number in sorted(named - covered)]


def fuzzers_of_the_page_are_those_that_are_measured() -> list[str]:
    told = {name: float(percent) for name, percent in re.findall(r"^\| `(\w+)` \| .* \| ([\d.]+) % \|$", PAGE, re.M)}
    wrong = [f"{name} is not said" for name in sorted(DECODERS.keys() - told)] + [f"{name} is not measured" for name in sorted(told.keys() - DECODERS)]
    return wrong + [f"{name}: {percent} % is too little" for name, percent in told.items() if percent < GOAL]


TESTS = (rows_name_labs_that_say_so, rows_and_labs_name_the_same_defences, what_a_lab_does_without_has_its_row, labs_of_the_page_are_there_and_have_their_say,
         fuzzers_of_the_page_are_those_that_are_measured)


def main() -> int:
    failed = 0
    for test in TESTS:
        wrong = test()
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok'} {test.__name__}")
        for text in wrong[:30]:
            print(f"  {text}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

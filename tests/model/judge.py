#!/usr/bin/env python3
"""judge.py [--flows N] [--seed S] [--pair P [--flow F]] [--classbench DIR]: what `tedctl explain --batch` answers, judged.

A model that shares no code with the product reads both policies, makes its own first match, and judges each answer:
decisions, figures 3A to 3C, and that the selectors are a product that is sound, containing, exact and maximal. A pair of
policies and its flows come from one seed; a violation prints the pair and the command that shows it again.
Python 3.11 and nothing else. Exit status 0: no violation, 1: some, 2: usage.
"""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import foreign  # noqa: E402
from algebra import Undecided  # noqa: E402
from invent import case_of  # noqa: E402
from policy import Policy, flow_of  # noqa: E402
from verdict import Judge, Smaller, Violation  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
MAX_SHOWN = 5
PER_PAIR = 50  # flows of one pair of policies
REPLAYED = 2000  # enough of a set to have the flow in question


class Tedctl:
    """`tedctl explain` over two files of its own."""

    def __init__(self, program, folder):
        self.program, self.folder = program, Path(folder)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def explain(self, flows, plane, *files):
        options = [word for option, file in zip(("--config", "--peer"), files) for word in (option, self.folder / file)]
        run = subprocess.run([self.program, "--json", "explain", *options, "--batch", "--dataplane", plane],
                             input="".join(flow + "\n" for flow in flows), capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"tedctl ended with {run.returncode}: {run.stderr or run.stdout[-500:]}")
        return (json.loads(line) for line in run.stdout.splitlines())


class Court:
    """Judges cases, keeps the count, and what is to be said of the first violations."""

    def __init__(self, tedctl):
        self.tedctl = tedctl
        self.count = Counter()
        self.said = []

    def hear(self, case, plane, alone=False):
        """One case; `alone`: without the peer."""
        self.tedctl.write("a.toml", case.mine)
        self.tedctl.write("b.toml", case.peer)
        mine, peer = Policy.parse(case.mine), None if alone else Policy.parse(case.peer).mirrored()
        judges = [Judge(mine, peer, flow_of(text), plane) for text in case.flows]
        self.ask_the_peer([judge for judge in judges if judge.peer and judge.is_due()], plane)
        files = ("a.toml",) if alone else ("a.toml", "b.toml")
        answers = self.tedctl.explain(case.flows, plane, *files)
        for judge, answer in zip(judges, answers, strict=True):
            self.decide(case, judge, answer, alone)

    def ask_the_peer(self, judges, plane):
        """What comes of it when the other end asks."""
        if not judges:
            return
        answers = self.tedctl.explain([judge.flow.mirrored().text for judge in judges], plane, "b.toml", "a.toml")
        for judge, answer in zip(judges, answers, strict=True):
            judge.reverse = answer
            self.count["told in part"] += judge.is_told_in_part()

    def decide(self, case, judge, answer, alone):
        self.count["flows"] += 1
        self.count["with a tunnel"] += bool(answer["selectors"])
        self.count["several boxes"] += len(answer["selectors"]) > 1
        try:
            judge.check(answer)
        except Undecided:
            self.count["undecided"] += 1
        except Smaller:
            self.count["smaller"] += 1
        except Violation as violation:
            self.count["violations"] += 1
            self.show(case, judge, answer, violation, alone)

    def show(self, case, judge, answer, violation, alone):
        if len(self.said) >= MAX_SHOWN:
            return
        text = json.dumps(answer)
        lines = [f"VIOLATION: {violation}",
                 f"  flow {judge.flow.text}, {judge.plane}{', without the peer' if alone else ''}",
                 "  answer " + (text if len(text) < 3000 else text[:3000] + " ...")]
        if isinstance(case.seed, int):
            lines.append(f"--- A\n{case.mine}--- B\n{case.peer}---")
        lines.append(f"  again: tests/model/judge.py --pair {case.seed} --flow '{judge.flow.text}'\n")
        self.said.append("\n".join(lines))


def made(options, which, flows):
    """The case of that pair: one made by chance from its seed, or of the set of that name."""
    return case_of(which, flows) if isinstance(which, int) else foreign.case_of(set_folder(options), which, flows)


def set_folder(options):
    return Path(options.classbench) if options.classbench else ROOT.parent / "shared/data/classbench"


def try_pair(case, court):
    """The seed says how: three in four for the kernel, one in eight without the peer."""
    plane = "userspace" if isinstance(case.seed, int) and case.seed % 4 == 3 else "kernel"
    court.hear(case, plane, isinstance(case.seed, int) and case.seed % 8 == 0)


def tasks_of(options):
    """(pair, flows), the longest first."""
    for name in reversed(foreign.SETS) if options.set_flows else ():
        if foreign.is_there(set_folder(options), name):
            yield name, options.set_flows
        else:
            print(f"SKIP {name}: no such set in {set_folder(options)}")
    for number in range(-(-options.flows // PER_PAIR)):
        yield options.seed * 1_000_000 + number, PER_PAIR


def try_task(given):
    """In a process of its own: what it counted and what it has to say."""
    options, (which, flows) = given
    with tempfile.TemporaryDirectory() as folder:
        court = Court(Tedctl(options.tedctl, folder))
        try_pair(made(options, which, flows), court)
        return court.count, court.said


def everything(options):
    count, said = Counter(), []
    with multiprocessing.Pool(options.jobs) as pool:
        for some, texts in pool.imap_unordered(try_task, ((options, task) for task in tasks_of(options))):
            count += some
            said += texts
    return count, said


def replay(options):
    case = made(options, int(options.pair), PER_PAIR) if options.pair.isdigit() else made(options, options.pair, REPLAYED)
    if options.flow:
        case.flows = [options.flow]
    with tempfile.TemporaryDirectory() as folder:
        court = Court(Tedctl(options.tedctl, folder))
        try_pair(case, court)
        return court.count, court.said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, default=3000, help="flows under policies made by chance")
    parser.add_argument("--set-flows", type=int, default=250, help="flows of each ClassBench set, where they are at hand")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pair", help="one pair of policies again: its seed, or the name of a set")
    parser.add_argument("--flow", help="with --pair: that flow only")
    parser.add_argument("--classbench", help="where the sets are; ../shared/data/classbench beside the checkout otherwise")
    parser.add_argument("--tedctl", default=str(ROOT / "out/release/bin/tedctl"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    options = parser.parse_args()
    began = time.monotonic()
    count, said = replay(options) if options.pair else everything(options)
    for text in said[:MAX_SHOWN]:
        print(text)
    print(f"{count['flows']} flows, {count['with a tunnel']} with a tunnel ({count['several boxes']} of several boxes, "
          f"{count['told in part']} perhaps told in part, of which {count['smaller']} smaller than both allow), {count['violations']} violations, "
          f"{count['undecided']} undecided, {time.monotonic() - began:.0f} s")
    return 1 if count["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())

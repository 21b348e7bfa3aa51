"""Runs selected labs, several at a time, and tells how each one went."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import catalogue, guest, needs
from .charon import Dataplane
from .topology import remove_leftovers
from .wait import SLOWNESS

_OUTCOME = re.compile(r"^(PASS|FAIL|SKIP) (\S+): (.*)$")
_LIMIT_SECONDS = 240 if SLOWNESS == 1 else 400        # of the emulated guest


@dataclass
class Result:
    verdict: str
    name: str
    text: str


class Printer:
    """One line a lab; what a failed lab reported stands indented below it."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._colour = sys.stdout.isatty()

    def tell(self, verdict: str, name: str, text: str, report: str = "") -> None:
        self.results.append(Result(verdict, name, text))
        paint = {"PASS": "32", "FAIL": "31", "SKIP": "33"}[verdict]
        shown = f"\033[{paint}m{verdict}\033[0m" if self._colour else verdict
        print(f"{shown} {name}: {text}")
        for line in report.splitlines():
            print(f"     {line}")
        sys.stdout.flush()

    def line(self, text: str) -> None:
        print(text, flush=True)

    def summary(self) -> int:
        number = {verdict: sum(result.verdict == verdict for result in self.results) for verdict in ("PASS", "FAIL", "SKIP")}
        print(f"{number['PASS']} passed, {number['FAIL']} failed, {number['SKIP']} skipped", flush=True)
        return 1 if number["FAIL"] else 0


class Running:
    """A lab in a process of its own, with a folder and a namespace prefix of its own."""

    def __init__(self, entry: catalogue.Entry, number: int) -> None:
        self.entry = entry
        self.prefix = f"ot{os.getpid()}x{number}"
        self.folder = Path(tempfile.mkdtemp(prefix=f"opented-lab-{entry.folder.name}-"))
        self.began = time.monotonic()
        self._ended_after: float | None = None
        self._report = self.folder / "report.txt"
        with self._report.open("w") as output:
            self.process = subprocess.Popen([sys.executable, "-m", "lib.one", entry.name, self.prefix, str(self.folder)],
                                            stdout=output, stderr=subprocess.STDOUT, cwd=catalogue.LABS)

    def late(self) -> bool:
        return time.monotonic() - self.began > _LIMIT_SECONDS

    def stop(self) -> None:
        """Lets it tidy up, then makes sure."""
        self._ended_after = time.monotonic() - self.began
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def finish(self, printer: Printer, logs: Path | None) -> None:
        status = self.process.wait()
        seconds = time.monotonic() - self.began
        report = self._report.read_text(errors="replace")
        if status == 0:
            printer.tell("PASS", self.entry.name, f"{self.entry.proves} ({seconds:.1f} s)")
        else:
            first, _, rest = report.strip().partition("\n")
            late = f"not at its end after {self._ended_after:.0f} s; it was ended" if self._ended_after else None
            printer.tell("FAIL", self.entry.name, first or late or f"ended with {status} and said nothing", rest)
        if logs:
            shutil.copytree(self.folder, logs / self.entry.name.replace("/", "-"), dirs_exist_ok=True,
                            ignore=lambda folder, names: [name for name in names if (Path(folder) / name).is_socket() or (Path(folder) / name).is_fifo()])
        self.tidy()

    def tidy(self) -> None:
        remove_leftovers(self.prefix)
        shutil.rmtree(self.folder, ignore_errors=True)


def run_here(entries: list[catalogue.Entry], jobs: int, printer: Printer, logs: Path | None) -> None:
    """Runs them in this kernel; skips by name what cannot run in it."""
    waiting = list(entries)
    running: list[Running] = []
    number = 0
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                entry = waiting.pop(0)
                if reason := entry.missing():
                    printer.tell("SKIP", entry.name, reason)
                    continue
                number += 1
                running.append(Running(entry, number))
            for lab in running[:]:
                if lab.process.poll() is None and lab.late():
                    lab.stop()
                if lab.process.poll() is not None:
                    running.remove(lab)
                    lab.finish(printer, logs)
            time.sleep(0.02 if running else 0)
    finally:
        for lab in running:
            lab.stop()
            lab.tidy()


def run_in_guest(entries: list[catalogue.Entry], printer: Printer, logs: Path | None) -> None:
    """Runs them in one emulated guest; skips by name when it cannot be had."""
    ready = []
    for entry in entries:
        reason = needs.missing_binaries() if "binaries" in getattr(entry.module, "NEEDS", ("binaries",)) else None
        if reason:
            printer.tell("SKIP", entry.name, reason)
        else:
            ready.append(entry)
    if not ready:
        return
    if reason := guest.prepare():
        for entry in ready:
            printer.tell("SKIP", entry.name, reason)
        return
    boot = guest.Boot([entry.name for entry in ready], logs)
    try:
        for line in boot.lines():
            outcome = _OUTCOME.match(line)
            if outcome:
                printer.tell(outcome[1], outcome[2], outcome[3])
            elif not re.fullmatch(r"\d+ passed, \d+ failed, \d+ skipped", line):
                printer.line(line)
    finally:
        status = boot.end()
    heard = {result.name for result in printer.results}
    for entry in ready:
        if entry.name not in heard:
            printer.tell("FAIL", entry.name, f"the guest ended ({status}) without a word about it")


def run(entries: list[catalogue.Entry], jobs: int, here: bool, logs: Path | None) -> int:
    """All of them; 1 when one failed."""
    printer = Printer()
    elsewhere = [entry for entry in entries if entry.dataplane is Dataplane.KERNEL and not here
                 and needs.missing_root() is None and needs.missing_esp() is not None]
    run_here([entry for entry in entries if entry not in elsewhere], jobs, printer, logs)
    if elsewhere:
        run_in_guest(elsewhere, printer, logs)
    return printer.summary()

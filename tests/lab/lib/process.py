"""Programs that a lab starts and ends itself; nothing that it did not start is ever signalled."""
from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import netns
from .wait import SLOWNESS, LabFailure

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _maybe_inside(namespace: str | None) -> contextlib.AbstractContextManager[None]:
    return netns.inside(namespace) if namespace else contextlib.nullcontext()


class Process:
    """A running program with its output in a file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, namespace: str | None = None, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output, _maybe_inside(namespace):
            self._popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})}, preexec_fn=_die_with_parent)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def alive(self) -> bool:
        return self._popen.poll() is None

    def exit_status(self) -> int | None:
        return self._popen.poll()

    def send(self, number: signal.Signals) -> None:
        if self.alive():
            self._popen.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Its exit status when it has ended by itself; subprocess.TimeoutExpired when it has not."""
        return self._popen.wait(seconds * SLOWNESS)

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 5) -> int:
        """Ends it: the signal, then SIGKILL when it does not follow. Returns its exit status (negative: a signal)."""
        self.send(number)
        try:
            return self._popen.wait(seconds * SLOWNESS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            return self._popen.wait()

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, lines: int = 30) -> str:
        """The end of its output, titled, for a failure's report."""
        state = "running" if self.alive() else f"ended with {self.exit_status()}"
        shown = "\n".join("    " + line for line in self.output().splitlines()[-lines:])
        return f"  {self.name} ({state}), end of {self.log.name}:\n{shown or '    (empty)'}"


def run(command: Sequence[str], *, namespace: str | None = None, env: Mapping[str, str] | None = None, text: str | None = None,
        check: bool = True, seconds: float = 20) -> subprocess.CompletedProcess[str]:
    """Runs a short command to its end. LabFailure with its output when it fails and `check` is set, or when it takes too long."""
    try:
        with _maybe_inside(namespace):
            done = subprocess.run(command, input=text, capture_output=True, text=True, errors="replace",
                                  env={**os.environ, **(env or {})}, timeout=seconds * SLOWNESS, check=False)
    except subprocess.TimeoutExpired as late:
        raise LabFailure(f"{' '.join(command)}: no end after {late.timeout:.0f} s\n{late.stdout or ''}{late.stderr or ''}") from None
    if check and done.returncode != 0:
        raise LabFailure(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done

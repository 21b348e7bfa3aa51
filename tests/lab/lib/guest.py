"""Runs labs inside the emulated guest, whose kernel has ESP: one boot for all of them, with this same code."""
from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_QEMU = Path(__file__).resolve().parents[1] / "qemu"
_RUN = Path(__file__).resolve().parents[1] / "run"
SLOWNESS = 5
_BOOT_SECONDS, _LAB_SECONDS = 120, 420


def prepare() -> str | None:
    """Makes the guest; the reason when it cannot be had."""
    if not shutil.which("qemu-system-x86_64"):
        return "this kernel has no ESP and qemu-system-x86 is not installed"
    done = subprocess.run([_QEMU / "setup"], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        return f"this kernel has no ESP and no guest kernel could be had: {last}"
    return None


class Boot:
    """One guest running `tests/lab/run` for these labs; iterate over its lines, then `end`."""

    def __init__(self, names: list[str], logs: Path | None) -> None:
        command = [str(_RUN), "--here", *names]
        environment = {**os.environ, "OPENTED_LAB_SLOWNESS": str(SLOWNESS), "LAB_ENV": "OPENTED_LAB_SLOWNESS OPENTED_BIN",
                       "OPENTED_BIN": os.environ.get("OPENTED_BIN", str(_RUN.parents[2] / "out/release/bin"))}
        if logs:
            command[1:1] = ["--logs", "/lab/logs"]
            environment["LAB_OUT"] = str(logs)
        limit = _BOOT_SECONDS + _LAB_SECONDS * len(names)
        self._process = subprocess.Popen([_QEMU / "boot", "-t", str(limit), shlex.join(command)], env=environment, text=True,
                                         errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def lines(self) -> Iterator[str]:
        assert self._process.stdout
        for line in self._process.stdout:
            yield line.rstrip("\n")

    def end(self) -> int:
        """Its exit status; ends it when it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait()

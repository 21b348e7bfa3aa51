"""Waiting for a condition, never for a time: every wait has a name, a deadline and something to show when it fails."""
from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# How much slower than a plain machine this one is; the emulated guest sets it. Multiplies deadlines, never the time a lab takes.
SLOWNESS = float(os.environ.get("OPENTED_LAB_SLOWNESS", "1"))


class LabFailure(AssertionError):
    """Something the lab set out to show is not so."""


class WaitFailure(LabFailure):
    """A condition did not come true in time."""


def deadline(seconds: float) -> float:
    """The monotonic time at which a wait of so many seconds (on a plain machine) ends."""
    return time.monotonic() + seconds * SLOWNESS


def wait_for(what: str, probe: Callable[[], T | None], seconds: float, logs: Callable[[], str] | None = None, every: float = 0.05) -> T:
    """The first value of `probe` that is true. WaitFailure names `what` and carries `logs()` when none comes in time."""
    began = time.monotonic()
    end = deadline(seconds)
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() >= end:
            break
        time.sleep(every)
    shown = "\n" + logs() if logs else ""
    raise WaitFailure(f"waited {time.monotonic() - began:.1f} s for {what}; it did not happen{shown}")

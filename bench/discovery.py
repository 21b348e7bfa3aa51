#!/usr/bin/env python3
"""First packet to tunnel up with discovery, beside strongSwan alone that is told peer and selectors, A B C A B C in one run.

    bench/discovery.py [--runs N] [--json]        as root; or tedbench discovery
"""
from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/lab"))

from lib import needs  # noqa: E402
from lib.wait import LabFailure  # noqa: E402
from sites import Discovering, Marks, Site, Told, ToldNow  # noqa: E402
from spread import spread  # noqa: E402

_WARM_UP = 3
_GOAL_SHARE_MS = 0.5
_GOAL_RATIO = 1.1
_DELAYS_US = (0, 10_000)      # one way

# Parts of the way, from mark to mark; one after the other they are the whole.
_WITH_STEPS = (
    ("(before) first packet sent - at A", "sent", "start"),
    ("first packet at A - probe leaves A", "start", "probe at A"),
    ("probe leaves A - probe at B", "probe at A", "probe at B"),
    ("probe at B - response leaves B", "probe at B", "response at B"),
    ("response leaves B - response at A", "response at B", "response at A"),
    ("response at A - IKE_SA_INIT leaves A", "response at A", "IKE_SA_INIT at A"),
    ("IKE_SA_INIT leaves A - its answer at A", "IKE_SA_INIT at A", "IKE_SA_INIT answer at A"),
    ("its answer at A - IKE_AUTH leaves A", "IKE_SA_INIT answer at A", "IKE_AUTH at A"),
    ("IKE_AUTH leaves A - its answer at A", "IKE_AUTH at A", "IKE_AUTH answer at A"),
    ("its answer at A - CHILD_SA told", "IKE_AUTH answer at A", "up"),
    ("(after) CHILD_SA told - tedd tells its watchers", "up", "tedd says up"),
    ("(after) CHILD_SA told - A's guard lets it carry", "up", "guard opens"),
)
_ALONE_STEPS = (("initiate called - IKE_SA_INIT leaves A", "start", "IKE_SA_INIT at A"), *_WITH_STEPS[6:10])


def _between(runs: list[Marks], first: str, last: str) -> list[float]:
    return [(marks[last] - marks[first]) / 1e6 for marks in runs if first in marks and last in marks]


def _summary(runs: list[Marks], failed: int, steps: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    found = {"runs": len(runs), "failed": failed, **spread(_between(runs, "start", "up"))}
    found["steps"] = {name: spread(values) for name, first, last in steps if (values := _between(runs, first, last))}
    return found


@contextlib.contextmanager
def _processors(awake: bool) -> Iterator[None]:
    """Keeps every processor from going to sleep, by something that runs only when nothing else does. A virtual processor that sleeps gives
    its core to others and wakes up late and cold, which says more about the host than about what is measured."""
    command = [sys.executable, "-c", "import os\nos.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\nwhile True: pass"]
    turning = [subprocess.Popen(command) for _ in range((os.cpu_count() or 1) if awake else 0)]
    try:
        yield
    finally:
        for one in turning:
            one.kill()
            one.wait()


def _take_precedence(level: int) -> None:
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(level))
    except PermissionError:
        os.setpriority(os.PRIO_PROCESS, 0, -14 - level)


def _once(site: Site) -> Marks | None:
    marks = site.bring_up()
    if marks:
        site.take_down()
    return marks


def _warm_up(site: Site) -> None:
    """Neighbours, caches, and a tedd that may still be loading charon."""
    done = 0
    for _ in range(4 * _WARM_UP):
        done += _once(site) is not None
        if done == _WARM_UP:
            return
    raise LabFailure("no tunnel comes up")


def _measure(folder: Path, delay_us: int, awake: bool, runs: int) -> dict[str, Any]:
    sites: list[Site] = []
    try:
        for kind in (Discovering, Told, ToldNow):
            sites.append(kind(folder, delay_us))
            sites[-1].start()
        # Above all that was started, so that it has the processor when it is told something, not when others have done with theirs.
        _take_precedence(2)
        for site in sites:
            _warm_up(site)
        for site in sites[1:]:
            if site.agreed != sites[0].agreed:
                raise LabFailure(f"not the same tunnel: {sites[0].agreed} and {site.agreed}")
        trips = sites[0].round_trips(20)
        results: list[list[Marks | None]] = [[] for _ in sites]
        for _ in range(runs):
            for site, result in zip(sites, results, strict=True):
                result.append(_once(site))
        trips += sites[0].round_trips(20)
        return {"processors": "awake" if awake else "free to sleep"} | _judge(delay_us, trips, results, sites[0].agreed)
    finally:
        _take_precedence(1)
        for site in reversed(sites):
            site.close()


def _judge(delay_us: int, trips: list[float], results: list[list[Marks | None]], agreed: Any) -> dict[str, Any]:
    whole = [[marks for marks in result if marks] for result in results]
    failed = [result.count(None) for result in results]
    discovered = _summary(whole[0], failed[0], _WITH_STEPS)
    told, told_now = (_summary(whole[kind], failed[kind], _ALONE_STEPS) for kind in (1, 2))
    trip = spread(trips)
    pairs = [((mine["up"] - mine["start"]) - (theirs["up"] - theirs["start"])) / 1e6
             for mine, theirs in zip(results[0], results[1], strict=True) if mine and theirs]
    initiated = [statistics.median(_between(runs, "start", "IKE_SA_INIT at A")) for runs in whole[:2]]
    return {"added_round_trip_ms": 2 * delay_us / 1000, "round_trip_ms": trip, "tunnel": agreed, "with_discovery_ms": discovered, "told_ms": told,
            "told_now_ms": told_now, "difference_of_pairs_ms": spread(pairs),
            "beyond_one_round_trip_ms": discovered["median"] - told["median"] - trip["median"],
            "beyond_one_round_trip_and_telling_ms": discovered["median"] - told_now["median"] - trip["median"],
            "before_ike_beyond_one_round_trip_ms": initiated[0] - initiated[1] - trip["median"], "goal_beyond_ms": _GOAL_SHARE_MS,
            "ratio": discovered["median"] / told["median"], "goal_ratio": _GOAL_RATIO}


def _line(name: str, of: dict[str, float]) -> str:
    return f"  {name:52}{of['median']:10.3f}{of['min']:10.3f}{of['max']:10.3f}"


def _table(found: dict[str, Any]) -> str:
    lines = [f"{found['added_round_trip_ms']:g} ms added to the round trip, processors {found['processors']}",
             f"{'':50}" + f"{'':4}{'median':>10}{'min':>10}{'max':>10}   ms",
             _line("one round trip of the link", found["round_trip_ms"])]
    for title, key in (("with discovery: first packet to tunnel up", "with_discovery_ms"), ("strongSwan told before: initiate to tunnel up", "told_ms"),
                       ("strongSwan told now: load-conn to tunnel up", "told_now_ms")):
        lines.append(_line(title, found[key]) + f"   {found[key]['runs']} runs, {found[key]['failed']} failed")
        lines += [_line("  " + name, of) for name, of in found[key]["steps"].items()]
    beyond, ratio = found["beyond_one_round_trip_ms"], found["ratio"]
    lines.append(_line("difference, pair by pair", found["difference_of_pairs_ms"]))
    lines.append(f"  discovery beyond one round trip: {beyond:.3f} ms; goal at most {_GOAL_SHARE_MS} ms{'' if beyond <= _GOAL_SHARE_MS else '  missed'}")
    lines.append(f"  and beyond telling strongSwan now: {found['beyond_one_round_trip_and_telling_ms']:.3f} ms")
    lines.append(f"  of the first before IKE_SA_INIT leaves A: {found['before_ike_beyond_one_round_trip_ms']:.3f} ms")
    lines.append(f"  with discovery / told: {ratio:.2f}")
    return "\n".join(lines)


def _missing() -> str | None:
    return needs.missing_ground() or needs.missing_tun()


def main() -> int:
    parser = argparse.ArgumentParser(description="first packet to tunnel up, beside strongSwan alone")
    parser.add_argument("--runs", type=int, default=20, help="of each of the two, at each delay")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))
    if reason := _missing():
        print(json.dumps({"skipped": reason}) if options.json else f"SKIP discovery: {reason}")
        return 0
    results = []
    _take_precedence(1)   # ahead of what else a shared machine does; the daemons inherit it, all kinds alike
    for delay_us, awake in itertools.product(_DELAYS_US, (True, False)):
        with tempfile.TemporaryDirectory(prefix="otb-") as folder, _processors(awake):
            results.append(_measure(Path(folder), delay_us, awake, options.runs))
        if not options.json:
            print(_table(results[-1]), flush=True)
    if options.json:
        print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs one lab in this process: python3 -m lib.one NAME PREFIX FOLDER. Exit status 0 when all it said was expected; its report is on stdout."""
from __future__ import annotations

import signal
import sys
import traceback
from pathlib import Path

from . import catalogue, expected
from .lab import Lab
from .wait import LabFailure


def _end(number: int, _: object) -> None:
    """A signal becomes an exception, so that every cleanup runs."""
    sys.exit(128 + number)


def _report(lab: Lab, what: str) -> None:
    print(what)
    print("  it had said:")
    print("\n".join(f"    {line}" for line in lab.said) or "    (nothing)")
    print(lab.logs())


def run(entry: catalogue.Entry, prefix: str, folder: Path) -> int:
    lab = Lab(prefix, folder, entry.dataplane)
    try:
        entry.module.run(lab)
        wrong = expected.difference(entry.expected(), lab.said)
        if not wrong:
            print("\n".join(lab.said))                 # kept with the logs; the suite prints one line
            return 0
        print("it said something else than expected.txt\n" + wrong)
    except LabFailure as failure:
        _report(lab, str(failure))
    except Exception:
        _report(lab, "the lab itself went wrong:\n" + traceback.format_exc())
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)      # a second signal does not cut the cleanup short
        lab.close()
        (folder / "said.txt").write_text("".join(line + "\n" for line in lab.said))     # with its figures, for whoever keeps logs
    return 1


def main() -> int:
    name, prefix, folder = sys.argv[1:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _end)
    [entry] = catalogue.select([name], None)
    return run(entry, prefix, Path(folder))


if __name__ == "__main__":
    sys.exit(main())

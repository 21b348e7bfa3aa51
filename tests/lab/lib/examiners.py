"""The process that examines certificates for a tedd."""
from __future__ import annotations

from pathlib import Path

from .tedd import Tedd
from .wait import LabFailure, wait_for


def find(tedd: Tedd) -> int | None:
    """Its number, None while there is none."""
    assert tedd.process
    pid = tedd.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def standing(tedd: Tedd) -> int:
    found = find(tedd)
    if found is None:
        raise LabFailure(f"nobody examines certificates for tedd on {tedd.node.name}\n{tedd.logs()}")
    return found


def another(tedd: Tedd, than: int) -> int:
    """The one that took over."""
    wait_for("another process that examines", lambda: find(tedd) not in (None, than), 15, tedd.logs)
    return standing(tedd)

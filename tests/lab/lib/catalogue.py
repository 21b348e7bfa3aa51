"""Which labs there are: one folder each, `NN-name` with description.md, lab.py and expected.txt."""
from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from . import needs
from .charon import Dataplane

LABS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Entry:
    """A lab on one data plane."""

    folder: Path
    dataplane: Dataplane
    module: ModuleType

    @property
    def name(self) -> str:
        return f"{self.folder.name}/{self.dataplane.value}"

    @property
    def proves(self) -> str:
        """One line: what a pass means."""
        return self.module.PROVES

    @property
    def is_long(self) -> bool:
        """It runs only when it is named or asked for: it takes minutes there, and proves what it proves on the other data plane."""
        return self.dataplane in getattr(self.module, "LONG", ())

    def expected(self) -> list[str]:
        """What it says, or what it says on this data plane when that is something else."""
        own = self.folder / f"expected.{self.dataplane.value}.txt"
        return (own if own.exists() else self.folder / "expected.txt").read_text().splitlines()

    def missing(self) -> str | None:
        """Why it cannot run in this kernel, None when it can."""
        tests: list[Callable[[], str | None]] = [needs.missing_ground]
        tests.append(needs.missing_tun if self.dataplane is Dataplane.USERSPACE else needs.missing_esp)
        tests += [getattr(needs, f"missing_{need}") for need in getattr(self.module, "NEEDS", ("binaries",))]
        return next((reason for test in tests if (reason := test())), None)


def _load(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("lab_" + folder.name.replace("-", "_"), folder / "lab.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries() -> list[Entry]:
    """All labs in the order of their numbers, userspace first."""
    found = []
    for path in sorted(LABS.glob("[0-9][0-9]-*/lab.py")):
        module = _load(path.parent)
        found += [Entry(path.parent, dataplane, module) for dataplane in Dataplane if dataplane in module.DATAPLANES]
    return found


def select(names: list[str], dataplane: Dataplane | None) -> list[Entry]:
    """Those that the names mean: a number, a folder's name, or either with /userspace or /kernel behind it. ValueError for a name of nothing."""
    known = entries()

    def means(name: str, entry: Entry) -> bool:
        lab, _, plane = name.strip("/").removeprefix("tests/lab/").partition("/")
        return lab in (entry.folder.name, entry.folder.name.split("-")[0]) and plane in ("", entry.dataplane.value)

    for name in names:
        if not any(means(name, entry) for entry in known):
            raise ValueError(f"there is no lab {name}")
    return [entry for entry in known
            if (not names or any(means(name, entry) for name in names)) and dataplane in (None, entry.dataplane)]

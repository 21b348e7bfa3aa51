"""A gateway of the project: one strongSwan and one tedd in one node."""
from __future__ import annotations

from pathlib import Path

from . import nft
from .charon import Charon
from .process import run
from .selector import Selector
from .tedd import Config, Tedd
from .wait import wait_for


class Gateway:
    def __init__(self, charon: Charon, folder: Path, config: Config) -> None:
        self.node = charon.node
        self.charon = charon
        self.tedd = Tedd(charon.node, folder, config, charon.uri)

    def lose_guard(self) -> None:
        """tedd is killed, and its guard deleted, as if it had gone with it. What charon has stays."""
        self.tedd.kill()
        run(["nft", "delete", "table", "inet", nft.GUARD], namespace=self.node.namespace)

    def selectors(self) -> list[Selector]:
        """What strongSwan says its tunnels cover."""
        return self.charon.selectors()

    def wait_selectors(self, expected: list[Selector], seconds: float = 8) -> None:
        """Waits until strongSwan's tunnels cover exactly this."""
        seen: list[Selector] = []

        def same() -> bool:
            seen[:] = self.selectors()
            return seen == sorted(expected)

        wait_for(f"the selectors {'; '.join(map(str, expected))} on {self.node.name}", same, seconds,
                 lambda: f"  last seen: {'; '.join(map(str, seen)) or 'none'}", every=0.1)

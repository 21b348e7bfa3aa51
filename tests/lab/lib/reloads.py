"""One policy after another for a tedd that runs."""
from __future__ import annotations

import json
import signal
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .tedd import Config, Rule, Tedd
from .wait import LabFailure, wait_for


@dataclass
class Reloads:
    """tedd is told of policy after policy, and it is noted how long each takes."""

    tedd: Tedd
    address: str
    loaded: str = ""

    def file_of(self, rules: list[Rule]) -> str:
        self.tedd.write(Config([self.address], rules))
        return self.tedd.file.read_text()

    def told(self, text: str) -> float:
        """When it was."""
        self.tedd.file.write_text(text)
        assert self.tedd.process
        now = time.time()
        self.tedd.process.send(signal.SIGHUP)
        return now

    def _status(self) -> dict[str, Any] | None:
        """Nothing while it does not answer: on a busy machine a reload may take longer than tedctl waits."""
        done = self.tedd.ctl("--json", "status", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def reload(self, text: str) -> float:
        """How long it took until tedd had it in force, by tedd's clock: ours stands still while a flood is sent."""
        before, start = self.loaded, self.told(text)
        status = wait_for("the new policy to be in force", lambda: (now := self._status()) and now["loaded"] != before and now, 60, self.tedd.logs, every=0.005)
        if status["reload_error"]:
            raise LabFailure(status["reload_error"])
        self.loaded = status["loaded"]
        return datetime.fromisoformat(self.loaded).timestamp() - start

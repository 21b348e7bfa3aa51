"""A lab's words against its expected.txt: line by line, in order, with {patterns} for what varies from run to run."""
from __future__ import annotations

import difflib
import re

_PATTERNS = {
    "{n}": r"\d+",
    "{ms}": r"\d+(?:\.\d+)?",
    "{rest}": r".*",
}
_SPLIT = re.compile("(" + "|".join(map(re.escape, _PATTERNS)) + ")")


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile("".join(_PATTERNS.get(part, re.escape(part)) for part in _SPLIT.split(line)))


def difference(expected: list[str], said: list[str]) -> str:
    """Empty when they match, else a unified diff with the patterns of matching lines left out."""
    shown = [actual if _pattern(wanted).fullmatch(actual) else wanted for wanted, actual in zip(expected, said)]
    shown += expected[len(shown):]
    return "\n".join(difflib.unified_diff(shown, said, "expected.txt", "what the lab said", lineterm=""))

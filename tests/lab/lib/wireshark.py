"""What wireshark/opented.lua sees in a capture, by tshark."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .process import run

_SCRIPT = Path(__file__).resolve().parents[3] / "wireshark/opented.lua"
Fields = dict[str, list[Any]]


def dissect(capture: Path, *options: str) -> list[Fields]:
    """For each packet the dissector's fields by name, with `_` for `.`, each a list of values in the order in which they stand; empty
    where the dissector was not asked."""
    done = run(["tshark", "-n", "-2", "-X", f"lua_script:{_SCRIPT}", *options, "-r", str(capture), "-T", "ek"])
    layers = [json.loads(line)["layers"] for line in done.stdout.splitlines() if '"layers"' in line]
    return [_flat(layer.get("ted")) for layer in layers]


def value_of(fields: Fields, name: str) -> Any:
    """The first value of the field, in the width that it has; None when it is not there."""
    values = [value for width in ("", "4", "6") for value in fields.get(f"ted_{name}{width}", [])]
    return values[0] if values else None


def _flat(tree: Any) -> Fields:
    out: Fields = {}

    def walk(node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else ():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    walk(each)
                else:
                    out.setdefault(key.removeprefix("ted_"), []).append(each)

    for each in tree if isinstance(tree, list) else [tree]:
        walk(each)
    return out

"""What wireshark/opented.lua sees in a capture, by tshark."""
from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .process import run

if TYPE_CHECKING:
    from .capture import Capture
    from .lab import Lab

_SCRIPT = Path(__file__).resolve().parents[3] / "wireshark/opented.lua"
Fields = dict[str, list[Any]]


def dissect(capture: Path, *options: str) -> list[Fields]:
    """For each packet the dissector's fields by name, with `_` for `.`, each a list of values in the order in which they stand; empty
    where the dissector was not asked."""
    done = run(["tshark", "-n", "-2", "-X", f"lua_script:{_SCRIPT}", *options, "-r", str(capture), "-T", "ek"])
    layers = [json.loads(line)["layers"] for line in done.stdout.splitlines() if '"layers"' in line]
    return [_flat(layer.get("ted")) for layer in layers]


def check_dissection(lab: Lab, capture: Capture, *forms: str) -> None:
    """Of what crossed some is of these forms ("version 3", "draft"), the dissector finds no fault in it, and links every answer to its probe."""
    capture.flush()
    seen = [fields for fields in dissect(capture.path) if fields]
    found = {value_of(fields, "form") for fields in seen}
    lab.check(found >= set(forms), f"the Wireshark dissector sees {' and '.join(forms)}", str(found))
    lab.check(not [fields for fields in seen if value_of(fields, "error")], "it finds no fault in the capture")
    answers = [fields for fields in seen if int(value_of(fields, "exchange") or 0) == 241]
    lab.check(bool(answers) and all(value_of(fields, "response_to") for fields in answers), "it links each response to its probe, with the time between", str(answers))


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

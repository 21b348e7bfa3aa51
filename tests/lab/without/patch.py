#!/usr/bin/python3
"""patch.py --files: the files of src that a defence stands in, one a line.
patch.py SRC OUT: writes each of them to OUT, its name with _ for /, with the defences of defences.py made switchable. Exit status 1 when a text is not there once."""
from __future__ import annotations

import sys
from pathlib import Path

from defences import DEFENCES

HEAD = '#include "without.hpp"\n#line 1 "{file}"\n'


def files() -> list[str]:
    return sorted({change.file for changes in DEFENCES.values() for change in changes})


def patched(file: str, text: str) -> str:
    for name, changes in DEFENCES.items():
        for change in changes:
            if change.file != file:
                continue
            if (times := text.count(change.there)) != 1:
                sys.exit(f"src/{file}: '{change.there}' stands there {times} times: tests/lab/without/defences.py has to say where the defence '{name}' is now")
            text = text.replace(change.there, change.instead)
    return HEAD.format(file=file) + text


def main() -> None:
    if sys.argv[1:] == ["--files"]:
        print("\n".join(files()))
        return
    source, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    for file in files():
        (out / file.replace("/", "_")).write_text(patched(file, (source / file).read_text()))


main()

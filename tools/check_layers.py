#!/usr/bin/python3
"""Fails on any include that the table of layers in docs/architecture.md does not allow."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
# Headers of the C library and of Linux, and where an adapter may have them: system interfaces are platform and daemon.
PURE = {"base", "wire", "policy", "engine"}
# Their folders. What is in any other is a library.
SYSTEM = {"arpa", "linux", "net", "netinet", "sys"}


def table() -> dict[str, tuple[set[str], set[str]]]:
    """Layer -> (layers, third-party prefixes) as the document says."""
    rows = {}
    for line in (ROOT / "docs/architecture.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 3 or not re.fullmatch(r"[a-z]+(/[a-z]+)?", cells[0]) or cells[0] == "folder":
            continue
        names = [{item.strip() for item in cell.split(",")} - {"–", ""} for cell in cells[1:]]
        rows[cells[0]] = (names[0], names[1])
    return rows


def layer_of(path: str, layers: dict) -> str | None:
    parts = path.split("/")
    for name in ("/".join(parts[:2]), parts[0]):
        if name in layers:
            return name
    return None


def third_party(header: str) -> str | None:
    """The library of a <header> that is neither the language's nor the system's."""
    first = header.split("/")[0]
    known = {"toml++": "toml++", "nlohmann": "nlohmann", "openssl": "openssl", "nftables": "nftables",
             "libnetfilter_log": "libnetfilter_log", "libnfnetlink": "libnetfilter_log", "libmnl": "libmnl", "fmt": "fmt",
             "systemd": "systemd", "prometheus": "prometheus", "CLI": "CLI11", "sodium": "sodium", "bpf": "libbpf"}
    return known.get(first) or (None if "/" not in header or first in SYSTEM else first)


def is_standard(header: str) -> bool:
    """The language's own; the compiler's intrinsics are operators in another spelling."""
    return ("/" not in header and not header.endswith(".h")) or header == "immintrin.h"


def main() -> int:
    layers = table()
    if len(layers) < 10:
        print("check_layers: docs/architecture.md has no table of layers", file=sys.stderr)
        return 2
    wrong, count = [], 0
    for path in sorted((ROOT / "src").rglob("*.[ch]pp")):
        name = path.relative_to(ROOT / "src").as_posix()
        layer = layer_of(name, layers)
        if layer is None:
            wrong.append(f"src/{name}: its folder is not in the table")
            continue
        may, libraries = layers[layer]
        count += 1
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            quote, header = found.groups()
            place = f"src/{name}:{number}"
            if quote == '"':
                target = layer_of(header, layers)
                if target is None:
                    wrong.append(f'{place}: "{header}" is in no layer')
                elif target != layer and target not in may:
                    wrong.append(f"{place}: {layer} may not include {target}")
            elif (library := third_party(header)) is not None:
                if library not in libraries:
                    wrong.append(f"{place}: {layer} may not use {library}")
            elif not is_standard(header) and layer in PURE:
                wrong.append(f"{place}: {layer} may use the standard library only, not <{header}>")
    for line in wrong:
        print(line)
    print(f"layers: {count} files, {len(wrong)} includes that the table does not allow")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

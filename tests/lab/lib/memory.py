"""What is in a program's memory."""
from pathlib import Path


def copies(pid: int, what: bytes) -> int:
    """How often these bytes are in what the process may write: heap, stacks, data."""
    found = 0
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            first, last = (int(number, 16) for number in span.split("-"))
            memory.seek(first)
            try:
                found += memory.read(last - first).count(what)
            except OSError:  # guard pages, and what the kernel keeps to itself
                continue
    return found

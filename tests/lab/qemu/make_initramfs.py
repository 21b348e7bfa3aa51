#!/usr/bin/python3
"""make_initramfs.py OUT KERNEL_DIR BUSYBOX INIT: an uncompressed newc cpio with the modules that reach the root over 9p."""
import os
import sys
from typing import BinaryIO

WANTED = ("virtio_pci", "virtio_mmio", "virtio_console", "virtio_rng", "9pnet_virtio", "9p", "overlay")


def module_name(path: str) -> str:
    return os.path.basename(path).split(".")[0].replace("-", "_")


def load_order(modules: str) -> list[str]:
    """The files of WANTED and what they depend on, dependencies first; what is built in has no file."""
    known: dict[str, tuple[str, list[str]]] = {}
    with open(os.path.join(modules, "modules.dep"), encoding="utf-8") as lines:
        for line in lines:
            file, needs = line.split(":")
            known[module_name(file)] = (file, needs.split())
    order: list[str] = []

    def add(name: str) -> None:
        if name not in known:
            return
        file, needs = known[name]
        for need in reversed(needs):
            add(module_name(need))
        if file not in order:
            order.append(file)

    for name in WANTED:
        add(name)
    return order


class Archive:
    """A newc cpio archive being written."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.inode = 0

    def add(self, name: str, mode: int, body: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(body), 0, 0, *device, len(encoded), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        for part in (head, body):
            self.out.write(part + b"\0" * (-len(part) % 4))


def content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def main() -> int:
    out, kernel, busybox, init = sys.argv[1:]
    modules = os.path.join(kernel, "lib/modules")
    modules = os.path.join(modules, os.listdir(modules)[0])
    order = load_order(modules)
    with open(out, "wb") as file:
        archive = Archive(file)
        for folder in ("bin", "dev", "modules"):
            archive.add(folder, 0o40755)
        archive.add("dev/console", 0o20600, device=(5, 1))
        archive.add("bin/busybox", 0o100755, content(busybox))
        archive.add("init", 0o100755, content(init))
        for path in order:
            archive.add("modules/" + os.path.basename(path), 0o100644, content(os.path.join(modules, path)))
        names = "".join(os.path.basename(path) + "\n" for path in order)
        archive.add("modules/order", 0o100644, names.encode())
        archive.add("TRAILER!!!", 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())

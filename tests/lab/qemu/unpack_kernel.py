#!/usr/bin/python3
"""unpack_kernel.py BZIMAGE VMLINUX: the ELF inside a bzImage; booting it spares the guest the decompression (seconds under TCG)."""
import lzma
import struct
import sys

SETUP_SECTORS = 0x1F1       # offsets of the x86 boot protocol, Documentation/arch/x86/boot.rst
PAYLOAD_OFFSET = 0x248


def payload_of(image: bytes) -> bytes:
    offset, length = struct.unpack_from("<II", image, PAYLOAD_OFFSET)
    start = ((image[SETUP_SECTORS] or 4) + 1) * 512 + offset
    return image[start:start + length]


def main() -> int:
    source, target = sys.argv[1:]
    with open(source, "rb") as file:
        payload = payload_of(file.read())
    if not payload.startswith(b"\xfd7zXZ\0"):
        print(f"{source}: the kernel inside is not xz", file=sys.stderr)
        return 1
    kernel = lzma.LZMADecompressor().decompress(payload)   # trailing bytes behind the stream are expected
    if not kernel.startswith(b"\x7fELF"):
        print(f"{source}: what unpacks is no ELF", file=sys.stderr)
        return 1
    with open(target, "wb") as file:
        file.write(kernel)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A gateway that boots: systemd as the first process of a node's network, over this machine's root with a layer of its own on top.

What a unit writes into /told is the lab's to read. systemd ends when a unit says `systemctl exit`.
"""
from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .process import Process
from .tedd import BINARIES
from .topology import Node
from .wait import LabFailure

_PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
# Runs in mount, process, host name, IPC and cgroup namespaces of its own.
_FIRST = r"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 layer "$1"; mkdir "$1"/{above,work,root}; root=$1/root
mount -t overlay -o lowerdir=/,upperdir="$1"/above,workdir="$1"/work root "$root"
mount -t proc proc "$root"/proc
mount -t sysfs sysfs "$root"/sys
mount -t cgroup2 cgroup "$root"/sys/fs/cgroup
mount -t tmpfs -o mode=755 run "$root"/run
mount -t tmpfs -o mode=755 dev "$root"/dev
for device in null zero full random urandom tty; do touch "$root"/dev/$device; mount --bind /dev/$device "$root"/dev/$device; done
mkdir "$root"/dev/{pts,shm}; mount -t devpts -o newinstance,ptmxmode=666 pts "$root"/dev/pts; ln -s pts/ptmx "$root"/dev/ptmx
ln -s /proc/self/fd "$root"/dev/fd; touch "$root"/dev/console
mkdir -p "$root"/told; mount --bind "$2" "$root"/told
cp -a "$2"/etc/. "$root"/etc/
cp "$3"/tedd "$root"/usr/sbin/tedd; cp "$3"/tedctl "$root"/usr/bin/tedctl
systemd-sysusers --root="$root" "$4"/debian/opented.sysusers
[ ! -e "$root"/etc/opented ] || chroot "$root" chown -R _opented: /etc/opented
cp "$4"/systemd/tedd.service "$root"/etc/systemd/system/
exec chroot "$root" /usr/bin/env -i container=opented PATH="$PATH" /lib/systemd/systemd --system --unit=lab.target --log-target=null --show-status=no
"""


class Boot:
    """`units` by file name, as systemd reads them; `lab.target` is what is booted. `etc`: files in /etc, by their path below it."""

    def __init__(self, node: Node, folder: Path, units: dict[str, str], etc: dict[str, str]) -> None:
        self._node, self._folder = node, folder
        self.told = folder / "told"
        for path, text in {**{f"systemd/system/{name}": text for name, text in units.items()}, **etc}.items():
            file = self.told / "etc" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o600 if "/psk" in path else 0o644)
        (folder / "layer").mkdir()

    def run(self, seconds: float) -> str:
        """Until it ends itself; what was told, or how far it came."""
        command = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--cgroup", "bash", "-c", _FIRST, "boot",
                   str(self._folder / "layer"), str(self.told), str(BINARIES), str(_PACKAGING)]
        process = Process("systemd", command, self._folder / "systemd.log", self._node.namespace)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise LabFailure(f"systemd did not end in {seconds:.0f} s; told so far:\n{self.text()}\n{process.tail()}") from None
        finally:
            process.stop()
        return self.text()

    def text(self) -> str:
        return "".join(file.read_text(errors="replace") for file in sorted(self.told.glob("*.txt")))


def missing() -> str | None:
    """Why no systemd can be booted here."""
    if absent := [name for name in ("systemd-sysusers", "systemctl") if not shutil.which(name)]:
        return f"not installed: {', '.join(absent)}"
    if not Path("/lib/systemd/systemd").exists():
        return "not installed: systemd"
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--cgroup", "bash", "-c", "mount --make-rprivate / && mount -t cgroup2 cgroup /mnt && mkdir /mnt/opented-need && rmdir /mnt/opented-need"],
                          capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"no cgroup2 of one's own can be had here: {done.stderr.strip()}"

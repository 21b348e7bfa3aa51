"""tedd under the profile that its package ships: installed where the profile knows it, for as long as a lab lasts."""
from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .pki import Certificates
from .process import run
from .tedd import BINARIES, Tedd

PROFILE = Path(__file__).resolve().parents[3] / "packaging/apparmor/usr.sbin.tedd"
_PROGRAM = Path("/usr/sbin/tedd")
_ETC, _STATE, _RUN = Path("/etc/opented"), Path("/var/lib/opented"), Path("/run/opented")
_VICI = Path("/run/charon.vici")
_RATE = Path("/proc/sys/kernel/printk_ratelimit")


def standing() -> list[Path]:
    """What is there already of all that `installed` makes."""
    return [path for path in (_PROGRAM, _ETC, _STATE, _RUN) if path.exists()]


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """The program and its folders in their places, the profile loaded and enforced, and each denial in the kernel's log."""
    rate = _RATE.read_text()
    made = not _VICI.exists()
    try:
        shutil.copy(BINARIES / "tedd", _PROGRAM)
        for folder in (_ETC, _STATE, _RUN):
            folder.mkdir(mode=0o755)
        _VICI.touch()
        _RATE.write_text("0")
        run(["apparmor_parser", "--replace", "--skip-cache", str(PROFILE)])
        yield
    finally:
        run(["apparmor_parser", "--remove", "--skip-cache", str(PROFILE)], check=False)
        _RATE.write_text(rate)
        if made:
            _VICI.unlink(missing_ok=True)
        for folder in (_ETC, _STATE, _RUN):
            shutil.rmtree(folder, ignore_errors=True)
        _PROGRAM.unlink(missing_ok=True)


def move(tedd: Tedd, name: str, vici: str, user: str = "root", group: str = "root", capabilities: tuple[str, ...] = ()) -> None:
    """`tedd` into folders of that name in those of the package, as that user: with these capabilities alone, or as root with all. In its
    view of the machine the charon at `vici` is the only one."""
    folders = [parent / name for parent in (_ETC, _STATE, _RUN)]
    for folder in folders:
        folder.mkdir(mode=0o700)
        shutil.chown(folder, user, group)
    folders[2].chmod(0o755)
    log = folders[2] / "tedd.log"           # a file that the profile lets it write: what else it inherited would be taken from it
    log.touch()
    shutil.chown(log, user, group)
    tedd.move(_PROGRAM, *folders, f"unix://{_VICI}")
    some = ",".join(f"+{one}" for one in capabilities)
    rights = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs", f"--inh-caps=-all,{some}", f"--ambient-caps=-all,{some}",
              f"--bounding-set=-all,{some}"] if capabilities else []
    tedd.run_behind("unshare", "--mount", "sh", "-c", f"mount --bind {vici.removeprefix('unix://')} {_VICI} && exec \"$@\"", "sh", *rights)


def bring(tedd: Tedd, given: Certificates) -> Certificates:
    """Copies of these files among those of `tedd`."""
    return replace(given, cert=_copy(tedd, given.cert), key=_copy(tedd, given.key), ca=[_copy(tedd, one) for one in given.ca])


def _copy(tedd: Tedd, file: Path) -> Path:
    return Path(shutil.copy(file, tedd.file.parent))


def give(tedd: Tedd, user: str, group: str) -> None:
    """What `bring` and `write` made to its user."""
    for path in tedd.file.parent.iterdir():
        shutil.chown(path, user, group)


def profile_of(pid: int) -> str:
    """And its mode: `tedd (enforce)`."""
    return Path(f"/proc/{pid}/attr/apparmor/current").read_text().strip("\0\n")


def loaded() -> str:
    """What the kernel says of profiles of that name."""
    return ", ".join(re.findall(r"^tedd\b.*$", Path("/sys/kernel/security/apparmor/profiles").read_text(), re.MULTILINE))


def denials() -> list[str]:
    """What the kernel refused anybody under the profile, since it booted."""
    return [line for line in run(["dmesg"]).stdout.splitlines() if 'apparmor="DENIED"' in line and re.search(r'profile="tedd\b', line)]

"""Authorities and gateways' certificates, made by `tedctl pki` as an operator makes them."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .process import run
from .tedd import BINARIES


def _tedctl(*arguments: str) -> None:
    run([str(BINARIES / "tedctl"), "pki", *arguments])


@dataclass(frozen=True)
class Certificates:
    """What a gateway's [ike] and [[peer]] say with auth = "cert"."""

    cert: Path
    key: Path
    ca: list[Path]
    crl: list[Path] = field(default_factory=list)
    excess: str | None = None
    peers: dict[str, list[str]] = field(default_factory=dict)


class Authority:
    def __init__(self, folder: Path, name: str, blocks: list[str] | None = None) -> None:
        self.folder = folder / name
        self.pem = self.folder / "ca.pem"
        self.crl = self.folder / "ca.crl"
        _tedctl("ca", "--name", name, "--out", str(self.folder), *(["--blocks", ",".join(blocks)] if blocks else []))

    def gateway(self, name: str, address: str, blocks: list[str] | None = None, trusts: list[Authority] | None = None,
                place: str = "", key: str = "ecdsa") -> Certificates:
        """A gateway that trusts these authorities, this one alone by default. `place` tells certificates of one name apart."""
        out = self.folder / (name + place)
        _tedctl("gateway", "--ca", str(self.folder), "--name", name, "--address", address, "--key", key, "--out", str(out),
                *(["--blocks", ",".join(blocks)] if blocks else []))
        return Certificates(out / f"{name}.pem", out / f"{name}.key", [authority.pem for authority in trusts or [self]])

    def revoke(self, *certificates: Certificates) -> None:
        """Writes the list anew, with these in it."""
        _tedctl("revoke", "--ca", str(self.folder), *(str(one.cert) for one in certificates))

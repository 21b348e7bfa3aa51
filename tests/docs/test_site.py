#!/usr/bin/python3
"""docs/ as a site: mkdocs builds it without a warning, every page is in its navigation, every link in it leads somewhere, it asks nobody else for anything.

    tests/docs/test_site.py
"""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Tutorial", "How-to guides", "Reference", "Explanation")


def _built(folder: Path) -> list[str]:
    done = subprocess.run(["mkdocs", "build", "--strict", "--site-dir", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    # That a page is not in the navigation mkdocs tells as a mere remark.
    return [said] if done.returncode or "WARNING" in said or "not included in the \"nav\"" in said else []


def _pages(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("*.html")}


def _broken(folder: Path) -> list[str]:
    texts, wrong = _pages(folder), []
    names = {path: set(re.findall(r'\bid="([^"]+)"', text)) for path, text in texts.items()}
    for path, text in texts.items():
        if path.name == "404.html":
            continue    # its links begin at the server's root
        for link in re.findall(r'\b(?:href|src)="([^"]+)"', text):
            target, _, anchor = unescape(link).partition("#")
            if re.match(r"[a-z]+:|//", target):
                continue
            file = (path.parent / target).resolve() if target else path
            file = file / "index.html" if file.is_dir() else file
            if not file.exists():
                wrong.append(f"{path.name}: {link} is not there")
            elif anchor and file.suffix == ".html" and anchor not in names.get(file, set()) | {"__skip"}:
                wrong.append(f"{path.name}: {link} has no such heading")
    return wrong


def _asks_others(folder: Path) -> list[str]:
    loads = r'<(?:script|img|iframe)[^>]*\bsrc="(?:https?:)?//|<link[^>]*rel="(?:stylesheet|preconnect|icon)"[^>]*href="(?:https?:)?//'
    return [f"{path.name}: {found}" for path, text in _pages(folder).items() for found in re.findall(loads, text)]


def _shape(folder: Path) -> list[str]:
    home = (folder / "index.html").read_text()
    wrong = [f"the navigation has no part '{part}'" for part in PARTS if part not in home]
    lacks = [page.stem for page in (ROOT / "docs").glob("*.md") if not (folder / f"{page.stem}.html").exists()]
    return wrong + [f"{name}.md is no page of it" for name in lacks]


def main() -> int:
    if not shutil.which("mkdocs"):
        print("SKIP site: mkdocs is not installed")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for test, title in ((_built, "is built without a warning"), (_shape, "has four parts and every page"),
                            (_broken, "has no link that leads nowhere"), (_asks_others, "asks nobody else for anything")):
            wrong = test(folder)
            failed += bool(wrong)
            print(f"{'FAIL' if wrong else 'ok'} site: {title}")
            for text in wrong[:20]:
                print("  " + text.rstrip().replace("\n", "\n  "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

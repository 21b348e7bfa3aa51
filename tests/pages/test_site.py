#!/usr/bin/python3
"""The documentation's site, opened from a folder in a real Chromium: its search finds what is in it, and where that leads is there.

    tests/pages/test_site.py [--pictures FOLDER]     FOLDER: screenshots for people are left there
Lines `ok NAME`, `FAIL NAME: why`, `SKIP NAME: why`; exit status 1 when one failed.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import browser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What is asked for, and a page that must be among what is found.
QUESTIONS = {"hold-down": "configuration.html", "TED-TUNNEL-UNAUTHORISED": "events.html", "tedctl why": "commands.html"}
# Those with tables and lines that no phone is wide enough for.
WIDEST = ("tutorial.html", "configuration.html", "commands.html", "metrics.html", "comparison.html")
LONG_ENOUGH = 20.0


def found(tab: browser.Browser, words: str) -> list[str]:
    """Addresses of what the search finds; it answers when its worker has read the index."""
    tab.run("""document.querySelector('[data-md-toggle=search]').checked = true;
        const query = document.querySelector('[data-md-component=search-query]');
        query.focus(); query.value = %r; query.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true}));""" % words)
    until = time.monotonic() + LONG_ENOUGH
    while time.monotonic() < until:
        links = tab.run("return [...document.querySelectorAll('.md-search-result__link')].map(one => one.href)")
        if links:
            return links
        time.sleep(0.05)
    return []


def finds(words: str, wanted: str):
    def check(tab: browser.Browser, site: pathlib.Path) -> list[str]:
        tab.show(site / "index.html", 1200)
        links = found(tab, words)
        bad = [f"{link} is not there" for link in links if not (site / link.split("#")[0].split("?")[0].rsplit("/", 1)[1]).exists()]
        bad += [] if any(f"/{wanted}" in link for link in links) else [f"{wanted} is not among what is found: {links[:8]}"]
        return bad + [entry["message"] for entry in tab.log("browser")]
    return check


def asks_for_nothing_else(tab: browser.Browser, site: pathlib.Path) -> list[str]:
    tab.show(site / "index.html", 1200)
    return [address for address in tab.requested() if not address.startswith((site.as_uri(), "data:", "about:"))]


def stands_within(width: int):
    def check(tab: browser.Browser, site: pathlib.Path) -> list[str]:
        wide = []
        for page in WIDEST:
            tab.show(site / page, width)
            if tab.run("return document.documentElement.scrollWidth > innerWidth"):
                wide.append(page)
        return wide
    return check


def is_dark_in_the_dark(tab: browser.Browser, site: pathlib.Path) -> list[str]:
    grounds = {}
    for scheme in ("light", "dark"):
        tab.show(site / "index.html", 375, scheme=scheme)
        colour = tab.run("localStorage.clear(); return getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)")
        grounds[scheme] = sum(colour) / 3
    return [] if grounds["dark"] < 64 and grounds["light"] > 192 else [f"grounds: {grounds}"]


def main() -> int:
    checks = [(f"finds {words}", finds(words, wanted)) for words, wanted in QUESTIONS.items()]
    checks += [("asks for nothing else", asks_for_nothing_else), ("stands within a phone", stands_within(375)), ("is dark in the dark", is_dark_in_the_dark)]
    if not shutil.which("mkdocs"):
        print("SKIP site in a browser: mkdocs is not installed")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory(prefix="opented-site-") as name:
        site = pathlib.Path(name).resolve() / "site"
        subprocess.run(["mkdocs", "build", "--strict", "--quiet", "--site-dir", site], cwd=ROOT, check=True)
        try:
            tab = browser.Browser()
        except browser.CannotStart as error:
            print(f"SKIP site in a browser: {error}")
            return 0
        try:
            for title, run in checks:
                wrong = run(tab, site)
                failed += bool(wrong)
                print(f"FAIL site {title}: {'; '.join(wrong)}" if wrong else f"ok site {title}", flush=True)
            if len(sys.argv) == 3 and sys.argv[1] == "--pictures":
                folder = pathlib.Path(sys.argv[2])
                folder.mkdir(parents=True, exist_ok=True)
                for page in ("index", "tutorial", "configuration"):
                    for view, width, scheme in (("desk", 1200, "light"), ("dark", 375, "dark")):
                        tab.show(site / f"{page}.html", width, scheme=scheme)
                        tab.picture(folder / f"site-{page}-{view}.png")
        finally:
            tab.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

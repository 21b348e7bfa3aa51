#!/usr/bin/python3
"""The pages of tedctl report and of tedsim in a real Chromium: nothing is loaded, nothing is said on the console, nothing
stands outside a phone, everything can be read in the light and in the dark, and without colours.

    tests/pages/test_pages.py [--pictures FOLDER]     FOLDER: screenshots for people are left there
Lines `ok NAME`, `FAIL NAME: why`, `SKIP NAME: why`; exit status 1 when one failed.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import browser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARIES = ROOT / "out/release/bin"
RECORDED = ROOT / "tests/golden/cli/report.json"
PHONE, DESK = 375, 1200
LEAST_CONTRAST = 4.5  # WCAG 2, level AA, for text of usual size

# Each piece of text that is not hidden: its contrast with what it stands on, as WCAG 2 computes it.
CONTRASTS = r"""
const numbers = text => (text.match(/[\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const ground = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = numbers(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
};
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const element = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
  if (!text || !element.getClientRects().length) continue;
  const style = getComputedStyle(element);
  const a = light(numbers(element.namespaceURI.endsWith('svg') ? style.fill : style.color)), b = light(ground(element));
  found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), text]);
}
return found;
"""

# Letters of pictures that reach beyond them, and boxes beyond the window.
OUTSIDE = r"""
const out = [];
for (const text of document.querySelectorAll('svg text')) {
  const box = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();
  if (box.width && (box.left < frame.left - 1.5 || box.right > frame.right + 1.5)) out.push(text.textContent);
}
if (document.documentElement.scrollWidth > innerWidth) {
  for (const one of document.querySelectorAll('body *')) {
    if (one.getBoundingClientRect().right > innerWidth + .5) { out.push(one.outerHTML.slice(0, 120)); break; }
  }
}
return out;
"""


def make(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """The pages, by the programs themselves."""
    idle = json.loads(RECORDED.read_text(encoding="utf-8"))
    idle |= {"tunnels": [], "pending": [], "peers": [], "rules": [], "history": {"forgotten": 0, "happenings": []}}
    idle["status"] |= {"tunnels": 0, "peers": 0, "pending": 0, "openings": 0, "reload_error": None}
    (folder / "idle.json").write_text(json.dumps(idle), encoding="utf-8")
    pages = {name: folder / f"{name}.html" for name in ("gateway", "idle", "tedsim")}
    for name, source in (("gateway", RECORDED), ("idle", folder / "idle.json")):
        subprocess.run([BINARIES / "tedctl", "report", "--from", source, "-o", pages[name]], check=True)
    subprocess.run([BINARIES / "tedsim", "--gateways", "12", "--hosts", "60", "--seed", "7", "--html", pages["tedsim"]],
                   check=True, stdout=subprocess.DEVNULL)
    return pages


def open_all(tab: browser.Browser) -> None:
    tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")


def loads_nothing_and_says_nothing(tab: browser.Browser, page: pathlib.Path) -> list[str]:
    tab.show(page, DESK)
    asked = [address for address in tab.requested() if address not in (page.as_uri(), "data:,")]
    said = [entry["message"] for entry in tab.log("browser")]
    scripts = tab.run("return document.querySelectorAll('script,[onload],[onclick],iframe,img,object').length")
    return asked + said + ([f"{scripts} scripts or frames"] if scripts else [])


def fits(width: int):
    def check(tab: browser.Browser, page: pathlib.Path) -> list[str]:
        tab.show(page, width)
        open_all(tab)
        return tab.run(OUTSIDE)
    return check


def can_be_read(scheme: str):
    def check(tab: browser.Browser, page: pathlib.Path) -> list[str]:
        tab.show(page, PHONE, scheme=scheme)
        open_all(tab)
        contrasts = tab.run(CONTRASTS)
        faint = [f"{contrast:.2f}: {text[:50]}" for contrast, text in contrasts if contrast < LEAST_CONTRAST]
        return faint if contrasts else ["there is no text"]
    return check


def says_what_its_pictures_show(tab: browser.Browser, page: pathlib.Path) -> list[str]:
    tab.show(page, PHONE)
    return tab.run("""const bad = [...document.querySelectorAll('svg')].filter(one =>
        one.getAttribute('role') !== 'img' || !one.getAttribute('aria-label')).map(one => one.outerHTML.slice(0, 80));
        if (!document.title) bad.push('no title');
        if (!document.documentElement.lang) bad.push('no language');
        if (document.querySelectorAll('h1').length !== 1 || !document.querySelector('main')) bad.push('no one h1 in main');
        return bad;""")


def letters_are_large_enough(tab: browser.Browser, page: pathlib.Path) -> list[str]:
    tab.show(page, PHONE)
    open_all(tab)
    return tab.run("""return [...document.querySelectorAll('svg text')].filter(one => one.getBoundingClientRect().height &&
        parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getBoundingClientRect().width / 360 < 9.5)
        .map(one => one.textContent);""")


def no_letters_are_struck_through(tab: browser.Browser, page: pathlib.Path) -> list[str]:
    tab.show(page, PHONE)
    open_all(tab)
    return tab.run("""const bad = [];
        for (const text of document.querySelectorAll('svg text')) {
          const box = text.getBoundingClientRect();
          if (!box.height) continue;
          for (const line of text.ownerSVGElement.querySelectorAll('line.grid')) {
            const at = line.getBoundingClientRect();
            const across = at.left < box.right && at.right > box.left, along = at.top < box.bottom - 1 && at.bottom > box.top + 1;
            if (across && along) bad.push(text.textContent);
          }
        }
        return bad;""")


def shows_all_that_was_recorded(tab: browser.Browser, page: pathlib.Path) -> list[str]:
    data = json.loads(RECORDED.read_text(encoding="utf-8"))
    tab.show(page, PHONE)
    open_all(tab)
    text = tab.run("return document.body.innerText")
    wanted = [peer["address"] for peer in data["peers"]]
    wanted += [f"T{i + 1}" for i in range(len(data["tunnels"]))]
    for tunnel in data["tunnels"]:
        wanted += [side for selector in tunnel["selectors"] for side in (selector["local"], selector["remote"])]
    happenings = data["history"]["happenings"]
    started = [one["flow"] for one in happenings if one["id"] == "TED-DISCOVERY-STARTED"]
    wanted += started + [one["text"] for one in happenings if one["id"] == "TED-DISCOVERY-FAILED"]
    wanted += [one["reason"] for one in data["pending"] if one["reason"]]
    lacks = [one for one in wanted if one not in text]
    visible = "[...document.querySelectorAll('%s')].filter(one => one.getBoundingClientRect().height > 0).length"
    counts = {"details svg": len(started), "svg path.tunnel": 5, "svg rect.bar": 6, "svg path.cross": 4}
    for what, count in counts.items():
        seen = tab.run("return " + visible % what)
        if seen != count:
            lacks.append(f"{count} of {what}, not {seen}")
    return lacks


def needs_no_colour(tab: browser.Browser, page: pathlib.Path) -> list[str]:
    """What differs in colour differs in form or in words, too."""
    tab.show(page, PHONE)
    open_all(tab)
    return tab.run("""
    const bad = [], dash = one => getComputedStyle(one).strokeDasharray;
    const kinds = ['.tunnel:not(.old):not(.unknown)', '.tunnel.old', '.tunnel.unknown'].map(kind => dash(document.querySelector(kind)));
    if (new Set(kinds).size !== 3) bad.push('forms of discovery look the same: ' + kinds);
    for (const bar of document.querySelectorAll('.bar')) {
      const gone = bar.classList.contains('gone');
      if (gone === (dash(bar) === 'none') || gone === (getComputedStyle(bar).fill !== 'none')) bad.push('bar');
    }
    for (const one of document.querySelectorAll('.verdict')) if (!/^[✓✗]/.test(one.innerText)) bad.push(one.innerText);
    for (const one of document.querySelectorAll('summary')) if (!/[✓✗◇…]/.test(one.innerText)) bad.push(one.innerText);
    return bad;""")


EVERY = [loads_nothing_and_says_nothing, says_what_its_pictures_show, letters_are_large_enough, no_letters_are_struck_through]


def checks(name: str) -> list[tuple[str, object]]:
    chosen = [(check.__name__, check) for check in EVERY]
    chosen += [(f"fits_{width}", fits(width)) for width in (320, PHONE, DESK)]
    chosen += [(f"can_be_read_{scheme}", can_be_read(scheme)) for scheme in ("light", "dark")]
    if name == "gateway":
        chosen += [(check.__name__, check) for check in (shows_all_that_was_recorded, needs_no_colour)]
    return chosen


def take_pictures(tab: browser.Browser, pages: dict[str, pathlib.Path], folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        for view, width, scheme, grey in (("phone", PHONE, "light", False), ("desk", DESK, "light", False),
                                          ("dark", PHONE, "dark", False), ("grey", PHONE, "light", True)):
            tab.show(page, width, scheme=scheme)
            open_all(tab)
            tab.picture(folder / f"{name}-{view}.png", grey)


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="opented-pages-") as name:
        pages = make(pathlib.Path(name))
        try:
            tab = browser.Browser()
        except browser.CannotStart as error:
            for page in pages:
                for check, _ in checks(page):
                    print(f"SKIP {page} {check}: {error}")
            return 0
        try:
            for page, file in pages.items():
                for check, run in checks(page):
                    wrong = run(tab, file)
                    failed += bool(wrong)
                    print(f"FAIL {page} {check}: {'; '.join(map(str, wrong))}" if wrong else f"ok {page} {check}", flush=True)
            if len(sys.argv) == 3 and sys.argv[1] == "--pictures":
                take_pictures(tab, pages, pathlib.Path(sys.argv[2]))
        finally:
            tab.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""What the pages show is true of the programs: nothing in them is left unread.

    tests/docs/test_pages.py    (root: it works in a network and mounts of its own)

Each command of ours is understood by the real program, each block of shell without a place is run, each configuration is taken by tedctl, each
ruleset by nft. What test types the blocks with a place is tests/docs/typed.py. Prints one line for each test.
"""
from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]
from fences import ROOT, BadFence, Block, blocks, pages
from lines import Tests, run_tests
from typed import PLACE, PLACES, SERIES, missing, script
from untyped import IN_TREE, NOWHERE

sys.path.insert(0, str(ROOT / "tests/dissector"))
from test_dissector import capture

BINARIES = Path(os.environ.get("OPENTED_BIN", ROOT / "out/release/bin")).resolve()
OURS = ("tedctl", "tedd", "tedsim")
SHOWN = {"text"}                                           # nobody runs these
TITLES = {"text": ("prints",), "toml": ("refused",)}       # beside names of files (toml), and places (sh)
# What a word in capitals stands for, so that a command with one can be asked whether it is one.
STANDS_FOR = {"FLOW": "'tcp 10.1.0.5:40000 > 10.2.0.7:443'", "DST": "10.2.0.7", "PEER": "192.0.2.2", "FILE": "tedd.toml", "FOLDER": "folder", "HEX": "00",
              "NAME": "name", "N": "4", "100N": "400", "DIR": "folder"}
NO_SUCH_COMMAND = 2                                        # exit status of all of ours
FILES = {"here.toml": 1, "a.toml": 1, "tedd.toml": 1, "there.toml": 2, "b.toml": 2}
GATEWAY = 'addresses = ["192.0.2.1"]\ninterfaces = ["wan0"]\n'
PSK, CERT = 'psk_file = "psk"\n', 'auth = "cert"\ncert = "gw-a.example.pem"\nkey = "gw-a.example.key"\nca = ["ca.pem"]\n'


def _all() -> list[Block]:
    return [block for page in pages() for block in blocks(page)]


def _run(command: list[str] | str, folder: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{BINARIES}:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, shell=isinstance(command, str), executable="/bin/bash" if isinstance(command, str) else None, cwd=folder, env=environment,
                          capture_output=True, text=True, input=text, check=False, timeout=180)


def _furnish(folder: Path) -> None:
    """What examples take to lie in the folder that they are typed in."""
    for name, site in FILES.items():
        (folder / name).write_text(f'[gateway]\naddresses = ["192.0.2.{site}"]\ninterfaces = ["wan0"]\n[ike]\npsk_file = "psk"\n[[rule]]\nname = "sites"\n'
                                   f'action = "protect"\nlocal = ["10.{site}.0.0/16"]\nremote = ["10.{3 - site}.0.0/16"]\n')
    for name in ("psk", "discovery.key", "old.key", "new.key"):
        (folder / name).write_text("a secret of thirty-two characters\n")
        (folder / name).chmod(0o600)
    (folder / "capture.pcap").write_bytes(capture([(0.0, 500, bytes(17) + bytes([0x10, 0xf0]) + bytes(9))]))
    if not (folder / "wireshark").exists():
        shutil.copytree(ROOT / "wireshark", folder / "wireshark")
    for block in _all():
        if block.language == "toml" and block.title.endswith(".toml"):
            (folder / block.title).write_text(block.text)
        elif block.first_line.startswith("crypto dynamic-map"):
            (folder / "branch.cfg").write_text(block.text)
    for command in ("ca --name CA --blocks 10.0.0.0/8 --out made", "gateway --ca made --name gw-a.example --address 192.0.2.1 --blocks 10.1.0.0/16 --out gw",
                    "revoke --ca made"):
        done = _run(f"tedctl pki {command}", folder)
        assert done.returncode == 0, done.stderr
    for made in (folder / "gw/gw-a.example.pem", folder / "gw/gw-a.example.key", folder / "made/ca.pem", folder / "made/ca.crl"):
        shutil.copy(made, folder)


def every_fence_is_of_a_kind_that_is_read() -> list[str]:
    wrong, found = [], 0
    for page in pages():
        try:
            read = blocks(page)
        except BadFence as error:
            wrong.append(str(error))
            continue
        for block in read:
            found += 1
            if block.language not in SHOWN | set(CHECKS) | {"sh"}:
                wrong.append(f"{block.name}: '{block.language}' is none of {', '.join(sorted(SHOWN | set(CHECKS) | {'sh'}))}")
            elif block.language == "sh" and block.title:
                place = PLACE.match(block.title)
                wrong += [] if place and place["place"] in PLACES else [f"{block.name}: no place is '{block.title}'"]
            elif block.title and block.title not in TITLES.get(block.language, ()) and not (block.language == "toml" and block.title.endswith(".toml")):
                wrong.append(f"{block.name}: the title '{block.title}' says nothing to this test")
    return wrong or ([] if found > 90 else [f"only {found} blocks found, this test reads them wrongly"])


def every_block_with_a_place_is_typed() -> list[str]:
    typed = {block.name for block in script(tuple(SERIES))}
    return [f"{one.name}: typed by nobody; its page is not in typed.py's series" for one in _all() if one.title and one.language == "sh" and one.name not in typed]


def what_is_not_typed_is_still_there() -> list[str]:
    there = {(one.page, one.first_line) for one in _all() if one.language == "sh"}
    return [f"untyped.py: {page} has no block that begins: {line}" for page, line in [*IN_TREE, *NOWHERE] if (page, line) not in there]


def _commands(text: str) -> Iterator[str]:
    """Each call of a program of ours in a piece of shell, without what it is piped to."""
    for line in re.sub(r"\\\n", " ", text).split("\n"):
        lexer = shlex.shlex(line.replace("…", ""), posix=True, punctuation_chars=";&|()<>")
        lexer.whitespace_split, lexer.commenters = True, "#"
        try:
            words = list(lexer)
        except ValueError:
            continue    # the inside of a here-document
        for at, word in enumerate(words):
            if word.split("/")[-1] not in OURS or (at and words[at - 1] not in (";", "&", "&&", "|", "||", "until", "while", "if", "!", "exec", "gwA", "sudo", "(", "$(")):
                continue
            rest = words[at + 1:]
            end = next((i for i, one in enumerate(rest) if set(one) <= set(";&|()<>")), len(rest))
            if end < len(rest) and rest[end] in (">", "<", ">>") and end and rest[end - 1] == "2":
                end -= 1
            yield " ".join([word, *(shlex.quote(one) for one in rest[:end])])


def _calls() -> Iterator[tuple[str, str]]:
    for block in _all():
        if block.language == "sh":
            for call in _commands(block.text):
                yield block.name, call
    for page in pages():
        name = str(page.relative_to(ROOT))
        prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
        for code in re.findall(r"`((?:%s)(?: [^`]*)?)`" % "|".join(OURS), prose):
            for call in _commands(code):
                yield name, call


def every_command_is_understood() -> list[str]:
    wrong, seen = [], set()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _furnish(folder)
        for where, call in _calls():
            call = _filled(call)
            program, _, rest = call.partition(" ")
            if program == "tedd":       # never in the foreground
                rest += "" if re.search(r"--(check|help|version)\b", rest) else " --check"
            elif program == "tedsim":   # thousands of flows say no more about the words
                rest += " --help"
            if f"{program} {rest}" in seen or rest in ("", "pki"):
                continue                # a name alone is the program, not a call of it
            seen.add(f"{program} {rest}")
            done = _run(f"{program} {rest}", folder)
            if done.returncode == NO_SUCH_COMMAND:
                said = (done.stdout + done.stderr).split("\n")[0]
                if not ("is required" in said and where.endswith(".md")):    # `tedctl explain` in a sentence: the command as such
                    wrong.append(f"{where}: {call}: {said}")
    return wrong or ([] if len(seen) > 45 else [f"only {len(seen)} commands found, this test reads them wrongly"])


def _filled(text: str) -> str:
    return re.sub(r"(?<![\w-])[A-Z0-9]+(?![\w-])", lambda word: STANDS_FOR.get(word[0], word[0]), text)


def _lacks(text: str) -> str:
    """Programs that not every machine has."""
    return next((f"{one} is not installed" for one in ("tshark",) if re.search(rf"^{one} ", text, re.M) and not shutil.which(one)), "")


def blocks_without_a_place_run() -> list[str]:
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _furnish(folder)
        for given in ("tedd.toml", "psk"):
            shutil.copy(folder / given, "/etc/opented")
        for block in _all():
            if block.language != "sh" or block.title:
                continue
            reason = NOWHERE.get((block.page, block.first_line)) or _lacks(block.text)
            if reason:
                print(f"SKIP {block.name} {block.first_line}: {reason}")
                continue
            done = _run("set -e\n" + _filled(block.text), folder)
            wrong += [f"{block.name}: exit status {done.returncode}: {done.stdout}{done.stderr}"] if done.returncode else []
    return wrong


def _whole(text: str) -> str:
    """The fragment of a configuration with what it needs around it."""
    given = tomllib.loads(text)
    ike = CERT if given.get("discovery", {}).get("sign") or "peer" in given else PSK
    for table, needs, key in (("ike", ike, {"psk_file", "cert"}), ("gateway", GATEWAY, {"addresses"})):
        if table not in given:
            text = f"[{table}]\n{needs}\n{text}"
        elif not key & set(given[table]):
            text = text.replace(f"[{table}]\n", f"[{table}]\n{needs}", 1)
    return text


def _configuration(block: Block, folder: Path, after: Block | None) -> str:
    path = folder / "shown.toml"
    path.write_text(_whole(block.text))
    networks = sorted(set(re.findall(r'"interface:([^"]+)"', block.text)))
    done = _run(["tedctl", "check", "shown.toml", *(word for one in networks for word in ("--interface", f"{one}=10.1.0.0/16"))], folder)
    if block.title != "refused":
        return "" if done.returncode == 0 else done.stdout + done.stderr
    if not after or (after.language, after.title) != ("text", ""):
        return "is called refused, and no block of text behind it says how"
    lacks = missing(re.sub(r"\S+\.toml:\d+:\d+:", "…", after.text), done.stdout + done.stderr)
    return f"is taken (exit status {done.returncode})" if done.returncode != 1 else f"not said: {lacks}\n{done.stdout}{done.stderr}" if lacks else ""


def _ruleset(block: Block, folder: Path, _: Block | None) -> str:
    text = block.text if re.search(r"^table ", block.text, re.M) else f"table inet shown {{\n{block.text}\n}}"
    done = _run(["nft", "-c", "-f", "-"], folder, text)
    if done.returncode and "flowtable" in text:
        # Many kernels have none, and those that do ask for the devices: lab 56 has one. Here the rest of the rules.
        without = re.sub(r"flowtable \w+ \{[^{}]*(\{[^{}]*\}[^{}]*)*\}", "", text).replace("flow add @f", "accept")
        done = _run(["nft", "-c", "-f", "-"], folder, without)
    return done.stderr if done.returncode else ""


def _braces(block: Block, _: Path, __: Block | None) -> str:
    return "" if block.text.count("{") == block.text.count("}") > 0 else "its braces do not match"


def _yaml(block: Block, folder: Path, _: Block | None) -> str:
    shutil.copy(ROOT / "packaging/monitoring/opented-alerts.yml", folder)
    (folder / "shown.yml").write_text(block.text)
    promtool = shutil.which("promtool")  # by its whole name: it may be ours, of out/tools
    if not promtool:
        return ""
    done = _run([promtool, "check", "config", "shown.yml"], folder)
    return done.stdout + done.stderr if done.returncode else ""


def _json(block: Block, _: Path, __: Block | None) -> str:
    try:
        json.loads(block.text)
    except ValueError as error:
        return str(error)
    return ""


CHECKS: dict[str, Callable[[Block, Path, Block | None], str]] = {"toml": _configuration, "nft": _ruleset, "conf": _braces, "yaml": _yaml, "json": _json}


def what_is_shown_is_taken() -> list[str]:
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        _furnish(Path(name))
        for page in pages():
            read = blocks(page)
            for block, after in zip(read, [*read[1:], None]):
                said = CHECKS[block.language](block, Path(name), after) if block.language in CHECKS else ""
                wrong += [f"{block.name}: {said}"] if said else []
    return wrong


def _anchors(text: str) -> set[str]:
    """As GitHub and mkdocs make them of headings."""
    plain = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S)
    return {re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-") for head in re.findall(r"^#+ (.*)$", plain, re.M)}


def every_link_leads_somewhere() -> list[str]:
    wrong = []
    for page in pages():
        prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
        for path, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)]*))?\)", prose):
            target = (page.parent / path) if path else page
            if not target.exists():
                wrong.append(f"{page.name}: {path} is not there")
            elif anchor and anchor not in _anchors(target.read_text()):
                wrong.append(f"{page.name}: {path or page.name} has no heading #{anchor}")
    return wrong


TESTS: Tests = tuple((test, "") for test in (
    every_fence_is_of_a_kind_that_is_read, every_block_with_a_place_is_typed, what_is_not_typed_is_still_there, every_command_is_understood,
    blocks_without_a_place_run, what_is_shown_is_taken, every_link_leads_somewhere))


def main() -> int:
    if "--alone" not in sys.argv:    # no socket, guard or network of this machine is in reach of what the pages say
        installed = Path("/etc/opented")
        made = not installed.exists()
        if made:
            installed.mkdir()    # where the configuration is mounted, in this test's view alone
        inner = "; ".join(["mount -t tmpfs tmpfs /run", f"mount -t tmpfs tmpfs {installed}", "ip link set lo up", "ip link add wan0 type veth peer name wan1",
                           "ip link set wan0 up", "ip address add 192.0.2.1/24 dev wan0",
                           f"exec {shlex.quote(sys.executable)} {shlex.quote(__file__)} --alone"])
        try:
            return subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec", inner],
                                  check=False).returncode
        finally:
            if made:
                installed.rmdir()
    return run_tests(TESTS)


if __name__ == "__main__":
    sys.exit(main())

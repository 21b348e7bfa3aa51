"""The fenced blocks of a Markdown page, and what the words behind the fence may be."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)(?P<rest>.*)$")
TITLE = re.compile(r'^ title="(?P<title>[^"]+)"$')


@dataclass(frozen=True)
class Block:
    page: str        # relative to the project
    line: int        # of the fence
    section: str     # the last heading of two # before it
    language: str
    title: str       # empty without one
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def first_line(self) -> str:
        return self.text.split("\n", 1)[0]


class BadFence(Exception):
    pass


def pages() -> list[Path]:
    return sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])


def blocks(page: Path) -> list[Block]:
    """All of a page, in order. Raises BadFence for one that does not end or whose words are none that we know how to read."""
    name, found, section = str(page.relative_to(ROOT)), [], ""
    lines = iter(enumerate(page.read_text().split("\n"), 1))
    for number, line in lines:
        if line.startswith("## "):
            section = line[3:]
        fence = FENCE.match(line)
        if not fence:
            if "```" in line or line.lstrip().startswith("~~~"):
                raise BadFence(f"{name}:{number}: a fence that this test cannot read: {line}")
            continue
        title = TITLE.match(fence["rest"])
        if fence["rest"] and not title:
            raise BadFence(f"{name}:{number}: behind the language may stand title=\"…\" and nothing else: {line}")
        inside: list[str] = []
        for _, text in lines:
            if text.strip() == "```":
                break
            inside.append(text.removeprefix(fence["indent"]))
        else:
            raise BadFence(f"{name}:{number}: this block does not end")
        found.append(Block(name, number, section, fence["language"], title["title"] if title else "", "\n".join(inside)))
    return found

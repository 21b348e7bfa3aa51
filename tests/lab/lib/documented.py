"""What the documents tell people to write, read out of them: a lab that runs it says whether it is right."""
from __future__ import annotations

import re
from pathlib import Path

from .wait import LabFailure

DOCS = Path(__file__).resolve().parents[3] / "docs"


def blocks(page: str, language: str, section: str = "") -> list[str]:
    """The fenced blocks in that language, of the whole page or below that heading only, in order. LabFailure when there is none."""
    text = (DOCS / page).read_text()
    if section:
        _, found, text = text.partition(f"\n## {section}\n")
        text = text.partition("\n## ")[0] if found else ""
    all_of_them: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)
    if not all_of_them:
        raise LabFailure(f"docs/{page} has no {language} block" + (f" below '{section}'" if section else ""))
    return all_of_them


def block(page: str, language: str, words: str, section: str = "") -> str:
    """The first of them that has these words."""
    for text in blocks(page, language, section):
        if words in text:
            return text
    raise LabFailure(f"docs/{page} has no {language} block with '{words}'")


def renamed(text: str, names: dict[str, str]) -> str:
    """With other names in the place of the documents'. LabFailure when one of these is not there."""
    for name, own in names.items():
        if name not in text:
            raise LabFailure(f"the documents do not have '{name}' in\n{text}")
        text = text.replace(name, own)
    return text

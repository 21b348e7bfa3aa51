"""A hook of mkdocs: the search works where the site is opened from a folder, too.

There a browser lets no page ask for the index, nor start the worker that searches in it. So the index is written as a script beside the JSON,
and tools/site_search.js, which is the first script of each page, loads it and stands in for the worker; on a server it does nothing.
"""
import json
from pathlib import Path

from mkdocs.utils import get_relative_url

_SCRIPT = Path(__file__).with_suffix(".js")
_PLACE = "search/from_folder.js"
_FIRST = '<script id="__config"'


def on_post_page(output: str, page, config) -> str:
    if output.count(_FIRST) != 1:
        raise SystemExit(f"{page.file.src_path}: its theme has no place for {_PLACE}")
    return output.replace(_FIRST, f'<script src="{get_relative_url(_PLACE, page.url)}"></script>\n    {_FIRST}')


def on_post_build(config) -> None:
    site = Path(config["site_dir"])
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    (site / _PLACE).write_text(_SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    (site / "search/index.js").write_text(f"__search = {{index: Promise.resolve({json.dumps(index)})}};\n", encoding="utf-8")

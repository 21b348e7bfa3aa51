"""Runs tests that are functions: a line for each, and below it what is wrong."""
from __future__ import annotations

import shutil
from collections.abc import Callable

Tests = tuple[tuple[Callable[[], list[str]], str], ...]


def run_tests(tests: Tests) -> int:
    """Each test gives what is wrong, and stands with the program that it needs, or with "". The exit status: 1 when one failed."""
    failed = 0
    for test, needs in tests:
        if needs and not shutil.which(needs):
            print(f"SKIP {test.__name__}: {needs} is not installed")
            continue
        wrong = test()
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok'} {test.__name__}")
        for text in wrong[:30]:
            print("  " + text.rstrip().replace("\n", "\n  "))
    return 1 if failed else 0

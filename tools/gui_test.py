"""`./bozzetto gui-test`: the tests in real Blenders, set up on the way: the window's, then those of
tests/blender inside that Blender (pytest-blender).

Debian trixie's Blender is the oldest that Bozzetto serves, sid's the newest. Screenshots, facts and
an index of them stay in out/gui/SUITE.
"""

from __future__ import annotations

import argparse
import html
import json
import shutil
import subprocess
import time
from pathlib import Path

from .build import build_extension
from .environments import MAIN, ROOT, clean_environment, ensure, say
from .real_blender.chroot import Chroot, open_chroot
from .real_blender.inside_tests import run as run_inside
from .real_blender.setup import SetupImpossible, check_chroot, make_chroot

VERSIONS = {"trixie": "4.3.2", "sid": "5.2.2"}
"""What each suite's Blender has to be. sid moves: its tests are then skipped until this follows."""
GAP_TARGET = 0.15
"""Seconds that the longest gap of a timer may be above an idle window's."""
OUT = ROOT / "out" / "gui"
IMPOSSIBLE = 2


class Unavailable(RuntimeError):
    """A suite whose Blender cannot be had here; the text says why."""


def run(arguments: list[str]) -> int:
    """Set up and test; 0 when every suite passed, or was skipped while another one ran."""
    parser = argparse.ArgumentParser(
        prog="./bozzetto gui-test",
        description="Test the window in real Blenders; other arguments go to pytest.",
    )
    parser.add_argument("--suite", choices=[*VERSIONS, "all"], default="all")
    parser.add_argument("--setup-only", action="store_true", help="make the Blenders, test nothing")
    options, rest = parser.parse_known_args(arguments)
    suites = list(VERSIONS) if options.suite == "all" else [options.suite]
    python = ensure(MAIN)
    extension = None
    results: dict[str, str] = {}
    for suite in suites:
        try:
            version = set_up(open_chroot(suite), python)
        except Unavailable as error:
            results[suite] = f"skipped: {error}"
            continue
        if options.setup_only:
            results[suite] = f"set up: Blender {version}"
            continue
        extension = extension or build_extension()
        results[suite] = _test(suite, python, extension, rest)
        if not rest:  # they speak of the window's tests
            results[suite] += "; tests/blender inside it " + _test_inside(suite, extension)
    for suite, words in results.items():
        say(f"{suite}: {words}")
    if any("FAILED" in words for words in results.values()):
        return 1
    return IMPOSSIBLE if all(words.startswith("skipped") for words in results.values()) else 0


def set_up(chroot: Chroot, python: Path) -> str:
    """Make the chroot where it is missing; its Blender's version, which is the one expected.

    Raises Unavailable.
    """
    try:
        make_chroot(chroot)
        found = check_chroot(chroot, python)
    except (SetupImpossible, FileNotFoundError, OSError) as error:
        raise Unavailable(str(error)) from error
    version = found["blender"].split()[0]
    if version != VERSIONS[chroot.suite]:
        raise Unavailable(
            f"Debian {chroot.suite} has moved to Blender {version}; these tests know "
            f"{VERSIONS[chroot.suite]} (tools/gui_test.py)"
        )
    return version


def _test(suite: str, python: Path, extension: Path, rest: list[str]) -> str:
    out = OUT / suite
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    report = out / "report.xml"
    environment = clean_environment(
        BOZZETTO_TEST_SUITE=suite,
        BOZZETTO_TEST_SCREENSHOTS=str(out),
        BOZZETTO_TEST_ZIP=str(extension),
    )
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/gui"]
    command += [f"--junitxml={report}", *rest]
    started = time.monotonic()
    say(f"testing the window of Debian {suite}'s Blender")
    status = subprocess.run(command, cwd=ROOT, env=environment).returncode
    write_index(out, f"Bozzetto in Blender {VERSIONS[suite]}")
    for line in describe_gaps(out):
        say(line)
    seconds = time.monotonic() - started
    words = "FAILED" if status else "passed"
    return f"{words} in {seconds:.0f} s; screenshots: {out.relative_to(ROOT)}/index.html"


def _test_inside(suite: str, extension: Path) -> str:
    started = time.monotonic()
    say(f"testing inside Debian {suite}'s Blender")
    status = run_inside(open_chroot(suite), extension)
    return f"{'FAILED' if status else 'passed'} in {time.monotonic() - started:.0f} s"


def describe_gaps(out: Path) -> list[str]:
    """How late the window's timers came, beside an idle window, as lines."""
    lines = []
    for path in sorted(out.glob("*/facts.json")):
        facts = json.loads(path.read_text())
        if "largest_gap" not in facts:
            continue
        gap, idle = facts["largest_gap"], facts["largest_gap_when_idle"]
        kept = "within" if gap - idle <= GAP_TARGET else "ABOVE"
        lines.append(
            f"{path.parent.name}: longest gap of a 0.1 s timer {gap:.2f} s generating, "
            f"{idle:.2f} s idle: {gap - idle:+.2f} s, {kept} the target of +{GAP_TARGET} s"
        )
        lines += _describe_duplicate(out)
    return lines


def _describe_duplicate(out: Path) -> list[str]:
    """What Blender's own Shift-D of such a mesh costs the window, as a line."""
    path = out / "remedies" / "facts.json"
    facts = json.loads(path.read_text()) if path.is_file() else {}
    if "gap_of_a_duplicate" not in facts:
        return []
    return [
        f"for comparison: Blender's own Duplicate of a result with {facts['faces_duplicated']:,} "
        f"faces {facts['gap_of_a_duplicate']:.2f} s, {facts['gap_when_idle']:.2f} s idle"
    ]


def write_index(out: Path, title: str) -> Path:
    """A page with every screenshot below its name, and with the facts of every run."""
    parts = [f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title>"]
    parts.append("<style>body{font:14px sans-serif}img{max-width:100%;border:1px solid}</style>")
    parts.append(f"<h1>{html.escape(title)}</h1>")
    parts += [f"<p>{html.escape(line)}</p>" for line in describe_gaps(out)]
    for folder in sorted(path for path in out.iterdir() if path.is_dir()):
        pictures = sorted(folder.glob("*.png"))
        if not pictures:
            continue
        parts.append(f"<h2>{html.escape(folder.name)}</h2>")
        for picture in pictures:
            place = html.escape(f"{folder.name}/{picture.name}")
            parts.append(f"<h3>{place}</h3><img src='{place}' alt='{place}'>")
        facts = folder / "facts.json"
        if facts.is_file():
            text = json.dumps(json.loads(facts.read_text()), indent=1)[:20_000]
            parts.append(
                f"<details><summary>facts</summary><pre>{html.escape(text)}</pre></details>"
            )
    page = out / "index.html"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page

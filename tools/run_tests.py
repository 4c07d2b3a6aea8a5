"""`./bozzetto test`: every test, in every environment that can be made here.

Skips are allowed only for the reasons listed in tests/allowed_skips.txt: any other skip fails the
run, so that a test cannot quietly stop testing.

With BOZZETTO_TEST_WINDOW set, as continuous integration does, Debian trixie's Blender is set up for
the window's tests where that is possible (root on Debian or Ubuntu).
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from . import gui_test
from .build import build_extension
from .environments import (
    BLENDER_5_0,
    BLENDER_5_2,
    MAIN,
    ROOT,
    Environment,
    clean_environment,
    ensure,
    say,
)
from .interpreters import MissingInterpreterError
from .real_blender.chroot import open_chroot
from .real_blender.drive import Run, play

BARE_WINDOW = ROOT / "tests" / "gui" / "steps" / "window.py"
BARE_LIMIT = 180.0  # seconds; Mesa compiles its shaders the first time
NO_TESTS = 5  # pytest's exit status when nothing was selected


@dataclass
class Outcome:
    """How one run of pytest ended."""

    name: str
    failed: bool
    seconds: float
    passed: int = 0
    skips: tuple[str, ...] = ()


def run(arguments: list[str]) -> int:
    """Lint, then every suite; `arguments` go to pytest. 0 when all is well."""
    ensure(MAIN)
    outcomes = [_lint()]
    with tempfile.TemporaryDirectory(prefix="bozzetto-tests-") as folder:
        report = Path(folder) / "report.xml"
        for folders in (_folders(),):
            outcomes.append(_suite("unit", MAIN, folders, arguments, report))
        extension = str(build_extension())
        for environment in (MAIN, BLENDER_5_0, BLENDER_5_2):
            name = f"blender in {environment.name}"
            try:
                ensure(environment)
            except MissingInterpreterError as error:
                say(f"{name} is skipped: {error}")
                outcomes.append(Outcome(name, False, 0.0, 0, (f"no interpreter: {error}",)))
                continue
            outcomes.append(
                _suite(name, environment, ["tests/blender"], arguments, report, extension)
            )
        impossible = _set_up_window() if os.environ.get("BOZZETTO_TEST_WINDOW") else None
        if impossible:
            outcomes.append(_skip_window(impossible))
        else:
            outcomes.append(_test_window(arguments, report, extension))
    return _conclude(outcomes, selected=bool(arguments))


def _folders() -> list[str]:
    """Folders of tests that need no Blender."""
    apart = {"blender", "gui"}
    return [
        f"tests/{path.name}"
        for path in sorted((ROOT / "tests").iterdir())
        if path.is_dir() and path.name not in apart and next(path.glob("test_*.py"), None)
    ]


def _lint() -> Outcome:
    started = time.monotonic()
    status = 0
    for words in (["check"], ["format", "--check", "--quiet"]):
        command = [str(MAIN.python), "-m", "ruff", *words, "."]
        status |= subprocess.run(command, cwd=ROOT).returncode
    return Outcome("ruff", bool(status), time.monotonic() - started)


def _suite(
    name: str,
    environment: Environment,
    folders: list[str],
    arguments: list[str],
    report: Path,
    extension: str = "",
) -> Outcome:
    say(f"testing: {name}")
    report.unlink(missing_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bozzetto-user-") as user:
        variables = {"BLENDER_USER_RESOURCES": user, "BOZZETTO_WORKER_PYTHON": str(MAIN.python)}
        if extension:
            variables["BOZZETTO_TEST_ZIP"] = extension
        command = [str(environment.python), "-m", "pytest", "-q", f"--junitxml={report}"]
        command += ["-p", "no:cacheprovider", *folders, *arguments]
        status = subprocess.run(command, cwd=ROOT, env=clean_environment(**variables)).returncode
    passed, skips = _read_report(report)
    failed = status != 0 and not (status == NO_TESTS and arguments)
    return Outcome(name, failed, time.monotonic() - started, passed, skips)


def _set_up_window() -> str | None:
    """A real Blender for the window's tests; why there can be none.

    Its bare window is tried first, without anything of ours in it: where that takes no key, every
    test would wait to its limit.
    """
    chroot = open_chroot("trixie")
    try:
        gui_test.set_up(chroot, MAIN.python)
    except gui_test.Unavailable as error:
        return str(error)
    with tempfile.TemporaryDirectory(prefix="bozzetto-window-") as out:
        try:
            report = play(chroot, Run(steps=BARE_WINDOW, out=Path(out), limit=BARE_LIMIT))
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            return f"its window does not open: {error}"
    if report.problem or not report.facts.get("n_key_toggles_sidebar"):
        return f"its window does not open: {report.problem or 'it takes no key'}"
    return None


def _skip_window(why: str) -> Outcome:
    say(f"window is skipped: {why}")
    return Outcome("window", False, 0.0, 0, (f"real Blender is not set up: {why}",))


def _test_window(arguments: list[str], report: Path, extension: str) -> Outcome:
    """The window's tests. What fails is played once more: a window on a machine that does other
    work too may swallow an event. A fault fails twice."""
    first = _suite("window", MAIN, ["tests/gui"], arguments, report, extension)
    failed = _list_failed(report)
    if not first.failed or not failed:
        return first
    say(f"window: {len(failed)} failed and are played once more: {', '.join(failed)}")
    again = _suite("window", MAIN, failed, arguments, report, extension)
    return Outcome(
        "window",
        again.failed,
        first.seconds + again.seconds,
        first.passed + again.passed,
        first.skips,
    )


def _list_failed(report: Path) -> list[str]:
    """What pytest calls the tests that a report says failed; their setting up counts, too."""
    if not report.is_file():
        return []
    names = {}
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            path = case.get("classname", "").replace(".", "/")
            names[f"{path}.py::{case.get('name')}"] = True
    return list(names)


def _read_report(report: Path) -> tuple[int, tuple[str, ...]]:
    """Number of passed tests and the reasons of skipped ones."""
    if not report.is_file():
        return 0, ()
    passed, skips = 0, []
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if skipped is not None:
            skips.append(skipped.get("message", ""))
        elif case.find("failure") is None and case.find("error") is None:
            passed += 1
    return passed, tuple(skips)


def _conclude(outcomes: list[Outcome], *, selected: bool) -> int:
    listed = (ROOT / "tests" / "allowed_skips.txt").read_text().splitlines()
    allowed = [re.compile(line) for line in listed if line and not line.startswith("#")]
    bad = False
    for outcome in outcomes:
        unlisted = [s for s in outcome.skips if not any(rule.search(s) for rule in allowed)]
        state = "FAILED" if outcome.failed else "unlisted skip" if unlisted else "ok"
        bad |= state != "ok"
        say(
            f"{outcome.name:22} {state:14} {outcome.passed:4} passed "
            f"{len(outcome.skips):3} skipped {outcome.seconds:6.0f} s"
        )
        for reason in sorted(set(outcome.skips)):
            say(f"    skipped: {reason}")
    passed = sum(outcome.passed for outcome in outcomes)
    skipped = sum(len(outcome.skips) for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(bad or (passed == 0 and not selected))

"""Finds the Python that the runtime is made from, by running each candidate."""

from __future__ import annotations

import glob
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import RuntimeSetUpError
from .builds import PYTHONS
from .processes import Answer, Runner

_TIMEOUT = 30.0  # seconds; a shim or a Store link may hang
_WANTED = " or ".join(f"{major}.{minor}" for major, minor in PYTHONS)
_NAME_FIX = "or name another Python in the extension's preferences."
_PLACES = {
    "linux": (
        "/usr/bin/python{v}",
        "/usr/local/bin/python{v}",
        "~/.local/bin/python{v}",
        "~/.local/share/uv/python/cpython-{v}*/bin/python{v}",
        "~/.pyenv/versions/{v}*/bin/python{v}",
        "/opt/python/*{v}*/bin/python{v}",
    ),
    "darwin": (
        "/Library/Frameworks/Python.framework/Versions/{v}/bin/python{v}",
        "/opt/homebrew/bin/python{v}",
        "/usr/local/bin/python{v}",
        "~/.local/share/uv/python/cpython-{v}*/bin/python{v}",
        "~/.pyenv/versions/{v}*/bin/python{v}",
    ),
    "win32": (
        r"~\AppData\Local\Programs\Python\Python{n}\python.exe",
        r"C:\Program Files\Python{n}\python.exe",
        r"C:\Python{n}\python.exe",
        r"~\AppData\Roaming\uv\python\cpython-{v}*\python.exe",
        r"~\.pyenv\pyenv-win\versions\{v}*\python.exe",
    ),
}


@dataclass(frozen=True)
class Candidate:
    """A program that may be a Python. arguments: for a launcher, such as -3.11 for `py`."""

    program: Path
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((str(self.program), *self.arguments))


@dataclass(frozen=True)
class Interpreter:
    """A Python that starts and can make environments."""

    candidate: Candidate
    version: str


class UnfitError(Exception):
    """A candidate cannot be used; the text ends the sentence "It ..."."""


def find_candidates() -> Iterator[Candidate]:
    """Blender's own Python, what PATH names, then the usual places; the same one may come twice.

    To be called in Blender's process or in any Python.
    """
    yield from map(Candidate, _find_own())
    for major, minor in PYTHONS:
        version = f"{major}.{minor}"
        if path := shutil.which(f"python{version}"):
            yield Candidate(Path(path))
        if sys.platform == "win32" and (path := shutil.which("py")):
            yield Candidate(Path(path), (f"-{version}",))
    for name in ("python3", "python"):
        if path := shutil.which(name):
            yield Candidate(Path(path))
    for major, minor in PYTHONS:
        for place in _PLACES.get(sys.platform, _PLACES["linux"]):
            pattern = os.path.expanduser(place.format(v=f"{major}.{minor}", n=f"{major}{minor}"))
            yield from (Candidate(Path(path)) for path in sorted(glob.glob(pattern), reverse=True))


def _find_own() -> Iterator[Path]:
    """Interpreters of the running Python.

    In Blender `sys.executable` is its python binary, None, or in odd builds Blender itself: what
    is not called python must never be started, for it would open another Blender.
    """
    if sys.version_info[:2] not in PYTHONS:
        return
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    prefix = Path(sys.base_prefix)
    named = [sys.executable, getattr(sys, "_base_executable", None)]
    places = [prefix / "bin" / f"python{version}", prefix / "bin" / "python.exe"]
    for path in (*(Path(name) for name in named if name), *places, prefix / "python.exe"):
        if looks_like_python(path) and path.is_file():
            yield path


def looks_like_python(path: Path) -> bool:
    """Whether a program is called python, python3, python3.11, python.exe ..."""
    return re.fullmatch(r"python[\d.]*[dw]?(\.exe|\.bat)?", path.name.lower()) is not None


def find_interpreters(
    runner: Runner, named: Path | None = None, candidates: Iterable[Candidate] | None = None
) -> Iterator[Interpreter]:
    """Interpreters that fit, best first; at least one.

    named: by the artist, the only one then. Raises RuntimeSetUpError, Cancelled.
    """
    if named is not None:
        try:
            yield probe(runner, Candidate(named))
        except UnfitError as error:
            raise RuntimeSetUpError(
                f"The Python that you named, {named}, cannot be used: it {error}.",
                f"Name a Python {_WANTED} in the extension's preferences, or none.",
            ) from error
        return
    seen, refusals, found = set(), [], False
    for candidate in find_candidates() if candidates is None else candidates:
        key = (os.path.realpath(candidate.program), candidate.arguments)
        if key in seen:
            continue
        seen.add(key)
        try:
            interpreter = probe(runner, candidate)
        except UnfitError as error:
            refusals.append(f"{candidate} {error}")
            runner.write_log(f"not used: {refusals[-1]}")
            continue
        found = True
        yield interpreter
    if not found:
        raise _explain_none(refusals)


def probe(runner: Runner, candidate: Candidate) -> Interpreter:
    """Start a candidate and look at it. Raises UnfitError, Cancelled."""
    if not looks_like_python(candidate.program) and candidate.program.name.lower() not in (
        "py",
        "py.exe",
    ):
        raise UnfitError("is not called python")
    if "WindowsApps" in candidate.program.parts:
        # Windows silently redirects what Store programs write below AppData.
        raise UnfitError("comes from the Microsoft Store, which hides what it installs")
    try:
        answer = runner.run(
            candidate.program, "probe", prefix=candidate.arguments, timeout=_TIMEOUT
        )
    except OSError as error:
        raise UnfitError(f"does not start ({error.strerror or error})") from error
    return Interpreter(candidate, _judge(answer))


def _judge(answer: Answer) -> str:
    """The version of a Python that fits. Raises UnfitError."""
    if answer.timed_out:
        raise UnfitError("does not answer")
    facts = answer.read_json()
    if answer.status or facts is None or "version" not in facts:
        last = (answer.output.strip().splitlines() or ["no word"])[-1]
        raise UnfitError(f"does not run as a Python 3 ({last[:200]})")
    version = ".".join(str(number) for number in facts["version"])
    if tuple(facts["version"][:2]) not in PYTHONS:
        raise UnfitError(f"is Python {version}, and the libraries need {_WANTED}")
    if facts["bits"] != 64:
        raise UnfitError("is a 32-bit program, and torch needs 64")
    missing = [name for name, there in facts["modules"].items() if not there]
    if missing:
        raise UnfitError(f"has no module {' and '.join(missing)}")
    return version


def _explain_none(refusals: list[str]) -> RuntimeSetUpError:
    """The error where no candidate fits: the nearest miss names the remedy."""
    major, minor = PYTHONS[0]
    version = f"{major}.{minor}"
    without = next((text for text in refusals if "has no module" in text), None)
    if without is not None:
        return RuntimeSetUpError(
            f"A Python was found that cannot make environments: {without}.",
            f"Install that module (Debian, Ubuntu: sudo apt install python{version}-venv), "
            + _NAME_FIX,
        )
    where = {
        "win32": f"Install Python {version} (64-bit) from python.org",
        "darwin": f"Install Python {version} from python.org",
    }.get(sys.platform, f"Install it (such as: sudo apt install python{version} "
                        f"python{version}-venv, or: uv python install {version})")  # fmt: skip
    return RuntimeSetUpError(
        f"No Python {_WANTED} was found on this machine.", f"{where}, {_NAME_FIX}"
    )

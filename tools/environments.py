"""The project's virtual environments, made from pyproject.toml's pinned groups on first use.

`main` has torch and the newest long-term bpy of Python 3.11; the other versions of bpy get
environments without torch: they talk to main's interpreter through the worker.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .interpreters import find_interpreter

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".envs"
WEIGHTS_VARIABLE = "BOZZETTO_WEIGHTS"
"""Names the folder of weights that do not ship (`inference/store/installed.py`)."""

# Debian's and Ubuntu's packages of the shared libraries that bpy links to.
_LIBRARY_PACKAGES = {
    "libX11": "libx11-6",
    "libXext": "libxext6",
    "libXfixes": "libxfixes3",
    "libXi": "libxi6",
    "libXrender": "libxrender1",
    "libXxf86vm": "libxxf86vm1",
    "libxkbcommon": "libxkbcommon0",
    "libSM": "libsm6",
    "libICE": "libice6",
    "libGL": "libgl1",
    "libEGL": "libegl1",
    "libgomp": "libgomp1",
    "libuuid": "libuuid1",
}


class SetupError(RuntimeError):
    """An environment cannot be made; the text says what to do."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment: its name, Python version and groups of pyproject.toml.

    pins: instead of groups, a file below tools/requirements that lists every package, installed
    without asking what they depend on.
    """

    name: str
    python_version: str
    groups: tuple[str, ...]
    pins: str = ""
    has_bpy: bool = True

    @property
    def folder(self) -> Path:
        """Where it lives."""
        return FOLDER / self.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


MAIN = Environment("main", "3.11", ("worker", "blender-4-5", "test", "test-blender", "training"))
BLENDER_5_0 = Environment("bpy-5.0", "3.11", ("blender-5-0", "test-blender"))
BLENDER_5_2 = Environment("bpy-5.2", "3.13", ("blender-5-2", "test-blender"))
INFINIGEN = Environment("infinigen", "3.11", (), pins="infinigen.txt")  # training shapes only
PYTEST_BLENDER = Environment("pytest-blender", "3.11", (), pins="pytest-blender.txt", has_bpy=False)
ANNY = Environment("anny", "3.11", (), pins="anny.txt", has_bpy=False)
CHECK = Environment("check", "3.11", (), pins="check.txt", has_bpy=False)  # judges of meshes


def ensure(environment: Environment) -> Path:
    """Make the environment if it is missing or out of date; its interpreter.

    Raises MissingInterpreterError or SetupError, each naming what to install.
    """
    FOLDER.mkdir(exist_ok=True)
    with _lock(FOLDER / f".{environment.name}.lock"):
        stamp = environment.folder / "bozzetto.stamp"
        done = set(stamp.read_text().split()) if stamp.is_file() else set()
        wanted = {_fingerprint(group) for group in environment.groups}
        if environment.pins:
            pins = (ROOT / "tools" / "requirements" / environment.pins).read_bytes()
            wanted.add(f"{environment.pins}:{hashlib.sha256(pins).hexdigest()[:16]}")
        if not wanted <= done:
            _make(environment)
            stamp.write_text("\n".join(sorted(done | wanted)))
        if environment == MAIN:
            from .fetch_matting import ensure_matting  # it needs this module's errors

            ensure_matting(environment.python)
    return environment.python


def _make(environment: Environment) -> None:
    log = FOLDER / f"{environment.name}.log"
    say(
        f"setting up {environment.name} (Python {environment.python_version}: "
        f"{', '.join(environment.groups) or environment.pins}); minutes the first time, log: {log}"
    )
    interpreter = find_interpreter(environment.python_version)
    with log.open("w") as output:

        def run(*command: object) -> None:
            arguments = [str(part) for part in command]
            if subprocess.run(arguments, stdout=output, stderr=output, cwd=ROOT).returncode:
                output.flush()
                tail = "".join(log.read_text(errors="replace").splitlines(True)[-15:])
                raise SetupError(f"{' '.join(arguments[:5])} ... failed:\n{tail}See {log}")

        if not environment.python.exists():
            run(interpreter, "-m", "venv", environment.folder)
        pip = (environment.python, "-m", "pip", "install", "--disable-pip-version-check")
        if environment.pins:
            pins = ROOT / "tools" / "requirements" / environment.pins
            run(*pip, "--no-deps", "-e", ROOT, "-r", pins)
        else:
            run(*pip, "-e", f"{ROOT}[{','.join(environment.groups)}]")
    if environment.has_bpy:
        _check_bpy(environment)


def _check_bpy(environment: Environment) -> None:
    """Raises SetupError naming the system package when bpy does not import."""
    answer = subprocess.run(
        [str(environment.python), "-I", "-c", "import bpy"], capture_output=True, text=True
    )
    if answer.returncode == 0:
        return
    missing = re.findall(r"(lib[\w+-]+)\.so[.\d]*: cannot open", answer.stderr)
    if missing:
        packages = sorted(set(_LIBRARY_PACKAGES.values()))
        raise SetupError(
            f"Blender's module needs the system library {missing[0]} "
            f"({_LIBRARY_PACKAGES.get(missing[0], 'unknown package')}). Install all it links to: "
            f"sudo apt install {' '.join(packages)}"
        )
    raise SetupError(f"Blender's module does not start in {environment.folder}:\n{answer.stderr}")


def _fingerprint(group: str) -> str:
    """Changes when anything that decides the group's packages changes."""
    text = (ROOT / "pyproject.toml").read_text()
    section = text[text.index("[project]") : text.index("[tool.ruff]")]
    (file,) = re.findall(rf'^optional-dependencies\.{group} = .*"(.+?)"', section, re.MULTILINE)
    pins = (ROOT / file).read_text()
    return group + ":" + hashlib.sha256((section + pins).encode()).hexdigest()[:16]


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Two commands started together make an environment once."""
    import fcntl

    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def clean_environment(**values: str) -> dict[str, str]:
    """The caller's environment without what would lead Python astray, plus `values`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return {**kept, "PYTHONNOUSERSITE": "1", **values}


def find_weights_folder() -> str:
    """Where this checkout's commands keep downloaded weights, unless the caller names a folder."""
    return os.environ.get(WEIGHTS_VARIABLE) or str(ROOT / ".cache" / "weights")


def say(text: str) -> None:
    """One line of progress on stderr."""
    print(f"[bozzetto] {text}", file=sys.stderr, flush=True)

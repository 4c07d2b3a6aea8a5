"""Finds Python interpreters by running them: a name on PATH may be a shim that does not start."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from pathlib import Path

# Prints the version and whether a virtual environment can be made (Debian splits ensurepip off).
_PROBE = (
    "import sys; print('%d.%d' % sys.version_info[:2]);"
    "import importlib.util as u;"
    "print(all(u.find_spec(n) for n in ('venv', 'ensurepip')))"
)
_HOMES = (
    "~/.pyenv/versions/{version}*/bin/python{version}",
    "~/.local/share/uv/python/cpython-{version}*/bin/python{version}",
    "/opt/python/*{version}*/bin/python{version}",
    "/usr/local/bin/python{version}",
    "/usr/bin/python{version}",
)


class MissingInterpreterError(RuntimeError):
    """No interpreter of a wanted version runs here; the text names the package to install."""


def find_interpreter(version: str) -> Path:
    """An interpreter of Python `version` ("3.11") that starts and can make environments.

    The environment variable BOZZETTO_PYTHON_3_11 (with the version's digits) names one by hand.
    Raises MissingInterpreterError.
    """
    without_venv = ""
    for candidate in _candidates(version):
        found = _probe(candidate)
        if found is None or found[0] != version:
            continue
        if found[1]:
            return candidate
        without_venv = str(candidate)
    if without_venv:
        raise MissingInterpreterError(
            f"{without_venv} cannot make virtual environments. "
            f"Install its module: sudo apt install python{version}-venv"
        )
    raise MissingInterpreterError(
        f"Python {version} is not installed. Install it: sudo apt install python{version} "
        f"python{version}-venv (where your system has no such package: uv python install "
        f"{version}, or pyenv install {version}), "
        f"or name it: export BOZZETTO_PYTHON_{version.replace('.', '_')}=/path/to/python"
    )


def _candidates(version: str) -> list[Path]:
    named = os.environ.get(f"BOZZETTO_PYTHON_{version.replace('.', '_')}")
    if named:
        return [Path(named)]
    found = []
    for name in (f"python{version}", "python3"):
        path = shutil.which(name)
        if path:
            found.append(Path(path))
    # pyenv's shims answer only for the chosen version; its other versions lie beside them.
    shims = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep)]
    for folder in (path.parent / "versions" for path in shims if path.name == "shims"):
        found += sorted(folder.glob(f"{version}*/bin/python{version}"), reverse=True)
    for pattern in _HOMES:
        expanded = os.path.expanduser(pattern.format(version=version))
        found += [Path(path) for path in sorted(glob.glob(expanded), reverse=True)]
    return found


def _probe(python: Path) -> tuple[str, bool] | None:
    """(version, can make environments), or None when it does not run."""
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", _PROBE], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.split()
    if answer.returncode or len(lines) != 2:
        return None
    return lines[0], lines[1] == "True"

"""tests/blender inside a real Blender, by pytest-blender: `…real_blender.inside_tests --suite S`.

Everywhere else these tests run against Blender as a Python module. pytest-blender starts the
chroot's Blender without a window, and pytest in it. The chroot shows the checkout; Blender's own
Python gets pytest from a folder of its own, and is otherwise as Debian made it.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..environments import MAIN, PYTEST_BLENDER, ROOT, SetupError, clean_environment, ensure, say
from .chroot import SUITES, Chroot, open_chroot, python_paths

PINS = ROOT / "tools" / "requirements" / "pytest-inside.txt"
BLENDER_OPTIONS = ("--python-use-system-env", "--python-exit-code", "1")
LIMIT = 1800.0  # seconds


def run(chroot: Chroot, extension: Path, arguments: Sequence[str] = ()) -> int:
    """Run the tests against a built zip; pytest's exit status. `arguments` go to pytest.

    Raises SetupError where pytest cannot be had, RuntimeError where the chroot cannot be used.
    """
    if reason := chroot.missing_reason():
        raise RuntimeError(reason)
    worker, host = ensure(MAIN), ensure(PYTEST_BLENDER)
    packages = _ensure_packages(chroot)
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
    options += [f"--rootdir={ROOT}", str(ROOT / "tests" / "blender"), *arguments]
    with tempfile.TemporaryDirectory(prefix="bozzetto-inside-") as folder:
        blender = Path(folder) / "blender"
        inside = chroot.command(
            ["/usr/bin/env", f"--chdir={ROOT}", "/usr/bin/blender", *BLENDER_OPTIONS],
            [ROOT, *python_paths(worker)],
            {
                "PYTHONPATH": str(packages),
                "PYTHONDONTWRITEBYTECODE": "1",
                "BLENDER_USER_RESOURCES": "/tmp/user",
                # not as arguments: the outer pytest would load the tests' conftest, too
                "PYTEST_ADDOPTS": shlex.join(options),
                "BOZZETTO_TEST_ZIP": str(extension.resolve()),
                "BOZZETTO_WORKER_PYTHON": str(worker),
            },
        )
        blender.write_text(f'#!/bin/sh\nexec {shlex.join(inside)} "$@"\n')
        blender.chmod(0o755)
        # whoever is killed in between, Blender ends with it
        command = ["setpriv", "--pdeathsig", "KILL", str(host), "-m", "pytest"]
        command += ["-p", "pytest-blender"]
        command += ["--blender-executable", str(blender)]
        return subprocess.run(
            command, cwd=folder, env=clean_environment(), timeout=LIMIT, stdin=subprocess.DEVNULL
        ).returncode


def _ensure_packages(chroot: Chroot) -> Path:
    """A folder with `PINS` for the chroot's Python, made on first use. Raises SetupError."""
    ask = ["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.run(
        chroot.command(ask), capture_output=True, text=True, check=True
    ).stdout.strip()
    target = PYTEST_BLENDER.folder / f"inside-{version}"
    stamp = target / "pins.txt"
    if stamp.is_file() and stamp.read_bytes() == PINS.read_bytes():
        return target
    say(f"fetching pytest for the Python {version} of Debian {chroot.suite}'s Blender")
    command = [str(PYTEST_BLENDER.python), "-m", "pip", "install", "--quiet", "--upgrade"]
    command += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", version, "--target", str(target), "-r", str(PINS)]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise SetupError(f"pytest cannot be had for Python {version}:\n{answer.stderr[-2000:]}")
    stamp.write_bytes(PINS.read_bytes())
    return target


def main(arguments: list[str] | None = None) -> int:
    """Command line; other arguments go to pytest."""
    from ..build import build_extension

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", choices=sorted(SUITES), default="trixie")
    options, rest = parser.parse_known_args(arguments)
    chroot = open_chroot(options.suite)
    if reason := chroot.missing_reason():
        print(f"not possible here: {reason}", file=sys.stderr)
        return 2
    return run(chroot, build_extension(), rest)


if __name__ == "__main__":
    sys.exit(main())

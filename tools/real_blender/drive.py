"""Drive the window of a real Blender: `…real_blender.drive --steps STEPS.py --out OUT`.

Starts a screen of its own in the chroot (setup.py makes it), installs the extension's zip into a
throw-away user folder, starts Blender, and plays a file of steps with real X events. Facts, logs
and screenshots are left in OUT. It takes a bounded time and leaves no process behind.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .chroot import CHECKOUT, SUITES, Chroot, open_chroot, python_paths

HERE = Path(__file__).resolve().parent
WORKER_PYTHON = CHECKOUT / ".envs" / "main" / "bin" / "python"
MARGIN = 90.0  # seconds for what is done before and after Blender's own time
SIZE = (1280, 800)
_PASSED_ON = ("OMP_NUM_THREADS",)  # a busy machine is given one thread


@dataclass(frozen=True)
class Run:
    """What to do in the window.

    steps: file with `steps(ui)`, see inside.py. out: folder for facts, logs, screenshots.
    extension: zip to install, or None. parameters: JSON values, `ui.parameters` in the steps.
    shown: host's files and folders that the steps read. size: of the screen, pixels.
    limit: seconds that Blender may take. grace: seconds that its children may outlive it.
    """

    steps: Path
    out: Path
    extension: Path | None = None
    worker_python: Path = WORKER_PYTHON
    parameters: dict[str, Any] = field(default_factory=dict)
    shown: tuple[Path, ...] = ()
    size: tuple[int, int] = SIZE
    limit: float = 240.0
    grace: float = 10.0


@dataclass(frozen=True)
class Report:
    """What happened. `problem` is None after a run whose steps all ended."""

    out: Path
    facts: dict[str, Any]
    leftover: list[str]
    exit_status: int | None
    seconds: dict[str, float]
    problem: str | None

    @property
    def screenshots(self) -> list[Path]:
        """In the order in which they were taken."""
        return sorted(self.out.glob("*.png"))


def play(chroot: Chroot, run: Run) -> Report:
    """Play the steps once. Raises RuntimeError when the chroot cannot be used."""
    if reason := chroot.missing_reason():
        raise RuntimeError(reason)
    out = run.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    for pattern in ("*.png", "*.json", "*.log", "crash.txt"):
        for old in out.glob(pattern):
            old.unlink()
    extension = run.extension.resolve() if run.extension else None
    steps = run.steps.resolve()
    request = {
        "out": str(out),
        "steps": str(steps),
        "extension": str(extension) if extension else None,
        "size": run.size,
        "limit": run.limit,
        "grace": run.grace,
        "parameters": run.parameters,
        "environment": {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            "BOZZETTO_WORKER_PYTHON": str(run.worker_python),
            "MESA_SHADER_CACHE_DIR": str(chroot.shader_cache),
        },
    }
    (out / "request.json").write_text(json.dumps(request))
    chroot.shader_cache.mkdir(exist_ok=True)
    shown = [HERE, steps.parent, out, chroot.shader_cache, *(path.resolve() for path in run.shown)]
    shown += [extension] if extension else []
    shown += python_paths(run.worker_python)
    command = chroot.command(["python3", HERE / "session.py", out / "request.json"], shown)
    with (out / "enter.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            process.wait(timeout=run.limit + MARGIN)
        finally:
            process.kill()  # the namespace and all that is in it ends with it
            process.wait()
    return _read_report(out)


def _read_report(out: Path) -> Report:
    session, facts = out / "session.json", out / "facts.json"
    if not session.is_file():
        text = (out / "enter.log").read_text(errors="replace")[-2000:]
        return Report(out, {}, [], None, {}, f"the session did not start:\n{text}")
    answer = json.loads(session.read_text())
    found = json.loads(facts.read_text()) if facts.is_file() else {}
    problem = answer["problem"] or found.get("error")
    if problem is None and not found.get("finished"):
        words = [
            path.read_text(errors="replace")[-3000:]
            for path in (out / "blender.log", out / "crash.txt")
            if path.is_file()
        ]
        answered = f"the steps did not end; Blender answered {answer['exit_status']}"
        problem = "\n".join([answered, *words])
    return Report(out, found, answer["leftover"], answer["exit_status"], answer["seconds"], problem)


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when every step ran."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", choices=sorted(SUITES), default="trixie")
    parser.add_argument("--steps", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=CHECKOUT / "out" / "window")
    parser.add_argument("--extension", type=Path, help="the built zip")
    parser.add_argument("--show", type=Path, action="append", default=[], help="seen inside too")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=JSON")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--limit", type=float, default=240.0, help="seconds")
    options = parser.parse_args(arguments)
    width, height = (int(number) for number in options.size.split("x"))
    pairs = (text.partition("=") for text in options.parameter)
    run = Run(
        steps=options.steps,
        out=options.out,
        extension=options.extension,
        parameters={name: json.loads(value) for name, _, value in pairs},
        shown=tuple(options.show),
        size=(width, height),
        limit=options.limit,
    )
    chroot = open_chroot(options.suite)
    if reason := chroot.missing_reason():
        print(f"not possible here: {reason}", file=sys.stderr)
        return 2
    report = play(chroot, run)
    print(json.dumps({**report.facts, "leftover": report.leftover}, indent=1))
    print(f"{len(report.screenshots)} screenshots in {report.out}", report.seconds)
    if report.problem:
        print(report.problem, file=sys.stderr)
    return 1 if report.problem or report.leftover else 0


if __name__ == "__main__":
    sys.exit(main())

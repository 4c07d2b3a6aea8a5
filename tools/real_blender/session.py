"""The first process of a run inside the chroot: screen, extension, Blender, and what is left over.

Started by drive.py with the chroot's own python3 as `session.py REQUEST.json`; standard library
only. Everything it starts dies with it, as it is process 1 of its own process namespace.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent


def run_session(request: dict[str, Any]) -> dict[str, Any]:
    """Run Blender's window once. `request` is what drive.py wrote; the answer is session.json."""
    out = Path(request["out"])
    answer: dict[str, Any] = {"exit_status": None, "leftover": [], "problem": None, "seconds": {}}
    begin = time.monotonic()
    screen, display = _start_screen(request["size"], out / "xvfb.log")
    environment = {
        **os.environ,
        **request["environment"],
        "DISPLAY": display,
        "BLENDER_USER_RESOURCES": "/tmp/blender-user",
    }
    try:
        if request["extension"]:
            answer["problem"] = _install_extension(request["extension"], environment, out)
            answer["seconds"]["install"] = time.monotonic() - begin
        if answer["problem"] is None:
            answer.update(_run_blender(request, environment, out))
            for crash in Path("/tmp").glob("*.crash.txt"):  # Blender's own account of it
                shutil.copy(crash, out / "crash.txt")
            answer["leftover"] = _wait_for_leftover(screen.pid, request["grace"])
        answer["seconds"]["total"] = time.monotonic() - begin
    finally:
        screen.terminate()
        screen.wait()
    return answer


def _start_screen(size: list[int], log: Path) -> tuple[subprocess.Popen, str]:
    read_end, write_end = os.pipe()
    width, height = size
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{width}x{height}x24"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "-nolisten", "tcp"], pass_fds=(write_end,), stdout=output, stderr=output
        )
    os.close(write_end)
    with os.fdopen(read_end) as stream:
        number = stream.readline().strip()
    if not number:
        raise RuntimeError(f"Xvfb did not start:\n{log.read_text()}")
    return process, f":{number}"


def _install_extension(extension: str, environment: dict[str, str], out: Path) -> str | None:
    """Install as a user would from a file; what went wrong, if anything."""
    command = ["blender", "--command", "extension", "install-file", "--repo", "user_default"]
    with (out / "install.log").open("w") as output:
        subprocess.run(
            [*command, "--enable", extension], env=environment, stdout=output, stderr=output
        )
    # The command answers 0 for a zip that it refuses: look at what it left behind.
    found = list(Path(environment["BLENDER_USER_RESOURCES"]).rglob("blender_manifest.toml"))
    return None if found else f"not installed:\n{(out / 'install.log').read_text()[-2000:]}"


def _run_blender(request: dict[str, Any], environment: dict[str, str], out: Path) -> dict[str, Any]:
    width, height = request["size"]
    command = [
        *("blender", "-p", "0", "0", str(width), str(height)),
        *("--python-exit-code", "3", "--python", str(_HERE / "inside.py"), "--"),
        *(request["steps"], str(out), json.dumps(request["parameters"])),
    ]
    with (out / "blender.log").open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            return {"exit_status": process.wait(timeout=request["limit"])}
        except subprocess.TimeoutExpired:
            _photograph(out / "at_the_limit.png", environment)
            process.kill()
            process.wait()
            return {"problem": f"Blender still ran after {request['limit']:.0f} s"}


def _photograph(path: Path, environment: dict[str, str]) -> None:
    subprocess.run(["import", "-window", "root", str(path)], env=environment, timeout=20)


def _wait_for_leftover(screen_pid: int, grace: float) -> list[str]:
    """Command lines of processes that outlive Blender by more than `grace` seconds."""
    end = time.monotonic() + grace
    while (left := _other_processes(screen_pid)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _other_processes(screen_pid: int) -> list[str]:
    left = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) in (os.getpid(), screen_pid):
            continue
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended meanwhile
            continue
        if state != "Z":  # orphans are not reaped here; a zombie has ended
            left.append(line.strip())
    return left


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    try:
        result = run_session(given)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        result = {"exit_status": None, "leftover": [], "problem": str(error), "seconds": {}}
    (Path(given["out"]) / "session.json").write_text(json.dumps(result))

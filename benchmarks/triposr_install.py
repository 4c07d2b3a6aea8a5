"""TripoSR's way from a download to a mesh, with a file of full size in the published one's place.

    ./bozzetto benchmark triposr_install [--picture FILE] [--resolution N] [--keep]

The file has the published layout and 1.68 GB of re-created weights (the fixtures' recipe where it
is beside this checkout, else random ones); a server on this machine has it, and a boot script of
the tests lets it pass for the published one. Download, check and conversion go through the
extension's own code, then a picture through its own worker: load, cut, encode, extract, finish.
What comes out is a shape without sense, if there is one at all. It says nothing about the published
weights. Needs 4.3 GB of disk in .cache/triposr/, which are given back unless --keep.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from ..inference.client import WorkerClient
from ..inference.errors import BozzettoError
from ..inference.jobs import JobQueue
from ..inference.settings import GenerateSettings
from ..inference.store.installed import VARIABLE
from ..inference.store.installing import Installation
from ..inference.store.published import TRIPOSR, Published
from ..inference.store.shelf import Shelf, Weights
from ..inference.types import Source

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ROOT / "tests" / "inference"
BOOT = HELPERS / "install_boot.py"
FOLDER = ROOT / ".cache" / "triposr"
PINNED = "BOZZETTO_TEST_PUBLISHED"


def main(arguments: list[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="./bozzetto benchmark triposr_install")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "examples" / "chair.png")
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--keep", action="store_true", help="leave the files for another run")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(line_buffering=True)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    os.environ["no_proxy"] = "127.0.0.1"
    FOLDER.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(FOLDER / "weights")
    shutil.rmtree(shelf.folder, ignore_errors=True)
    try:
        path, sha256 = make_file(FOLDER / "model.ckpt")
        install(shelf, path, sha256)
        generate(shelf, options.picture, options.resolution)
    finally:
        if not options.keep:
            shutil.rmtree(FOLDER, ignore_errors=True)


def make_file(path: Path) -> tuple[Path, str]:
    """A checkpoint of full size, made unless it is there, and its SHA-256."""
    started = time.perf_counter()
    command = [sys.executable, str(BOOT), "make", str(path), "full"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    print(f"made and hashed a file of full size: {time.perf_counter() - started:.1f} s")
    return path, run.stdout.strip()


def install(shelf: Shelf, path: Path, sha256: str) -> Weights:
    """Print seconds of each phase, and the peak memory of the child that does it."""
    command = [sys.executable, str(HELPERS / "fake_hub.py"), str(path)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        pin = {"url": url, "sha256": sha256, "size": path.stat().st_size}
        os.environ[PINNED] = json.dumps(pin)
        return _install(shelf, replace(TRIPOSR, **pin))
    finally:
        server.kill()
        server.wait()


def _install(shelf: Shelf, published: Published) -> Weights:
    installation = Installation(shelf, published, Path(sys.executable), child=BOOT)
    steps, phases, own, mapped = installation.run(), {}, 0, 0
    started = last = time.perf_counter()
    longest = 0.0
    try:
        while True:
            began = time.perf_counter()
            next(steps)
            now = time.perf_counter()
            longest = max(longest, now - began)
            phase = installation.text.split()[0]
            phases[phase] = phases.get(phase, 0.0) + now - last
            last = now
            for pid in _find_children():
                found = _read_memory(pid)
                own, mapped = max(own, found[0]), max(mapped, found[1])
    except StopIteration as end:
        item = end.value
    told = ", ".join(f"{name.lower()} {seconds:.1f} s" for name, seconds in phases.items())
    print(f"installed {published.size:,} bytes as {item.size:,}: {told}")
    print(f"all of it {time.perf_counter() - started:.1f} s; longest step {longest * 1e3:.0f} ms")
    print(f"child's memory: {own / 1e6:.2f} GB at most, and {mapped / 1e6:.2f} GB of mapped files")
    return item


def generate(shelf: Shelf, picture: Path, resolution: int) -> None:
    """Print the phases of two generations, cold and warm."""
    environment = {VARIABLE: str(shelf.folder)}
    settings = GenerateSettings(engine="triposr", resolution=resolution)
    with JobQueue(
        lambda: WorkerClient(Path(sys.executable), boot=BOOT, environment=environment)
    ) as queue:
        for name in ("cold", "warm"):
            started, peak = time.perf_counter(), [0, 0]

            def look(_: object, peak: list[int] = peak) -> None:
                found = _read_memory(queue.pid) if queue.pid else (0, 0)
                peak[:] = [max(pair) for pair in zip(peak, found, strict=True)]

            try:
                source = Source(path=str(picture))
                mesh = queue.wait(queue.submit(source, settings), on_progress=look)
            except BozzettoError as error:
                seconds = time.perf_counter() - started
                print(f"{name}: {error.kind} after {seconds:.1f} s: {error}")
            else:
                phases = ", ".join(f"{k} {v:.1f}" for k, v in mesh.info["timings"].items())
                print(f"{name}: {time.perf_counter() - started:.1f} s ({phases}), "
                      f"{len(mesh.faces):,} faces, {mesh.info['messages']}")  # fmt: skip
            print(f"  worker: {peak[0] / 1e6:.2f} GB, and {peak[1] / 1e6:.2f} GB of mapped files")


def _find_children() -> list[int]:
    """Children of this process (Linux; elsewhere none, and no memory is told)."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        pids = [int(word) for word in path.read_text().split()]
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids}
    except OSError:
        return []
    return [pid for pid, words in commands.items() if str(BOOT).encode() in words]


def _read_memory(pid: int) -> tuple[int, int]:
    """kB of its own, and of pages of files, which the system may take back."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
        lines = dict(line.split(":", 1) for line in text.splitlines())
        return int(lines["RssAnon"].split()[0]), int(lines["RssFile"].split()[0])
    except (OSError, KeyError, ValueError):
        return 0, 0


if __name__ == "__main__":
    main()

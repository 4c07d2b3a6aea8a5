"""Starts a real worker with a pipeline that does what a test asks for: no torch, no network.

A picture's name says what happens: "action:phase", such as "loop:encode". The phases are passed
through as by the real pipeline; the action happens inside the phase that is named.
"""

import argparse
import ctypes
import importlib.util
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("boot", ROOT / "inference" / "worker_boot.py")
boot = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(boot)
boot.alias_package(ROOT)

from bozzetto.inference import errors, types, worker  # noqa: E402


class FakePipeline:
    def __init__(self):
        self.jobs = 0
        self.releases = 0

    def describe(self):
        return {"torch": "none", "device": "cpu"}

    def generate(self, source, settings, *, progress, cancel):
        self.jobs += 1
        action, _, where = source.name.partition(":")
        for phase in types.PHASES[:-1]:
            progress(phase, 0.0)
            if phase == (where or "encode"):
                self.act(action, phase, progress, cancel)
            progress(phase, 0.5)
            cancel.check()
            progress(phase, 1.0)
        count = int(where) if action == "big" else 8
        rng = np.random.default_rng(settings.seed)
        info = {
            "pid": os.getpid(),
            "jobs": self.jobs,
            "releases": self.releases,
            "files": len(os.listdir("/proc/self/fd")),
            "path": source.path,
            "encoded": source.encoded.hex() if source.encoded is not None else None,
            "pixels": source.pixels.tolist() if source.pixels is not None else None,
            "messages": [],
        }
        vertices = rng.random((count, 3), np.float32)
        faces = np.arange(2 * count * 3, dtype=np.int32).reshape(-1, 3) % count
        return types.BaseMesh(vertices, faces, source.name or "fake", settings.category, info)

    def cut(self, source, settings, *, progress, cancel):
        progress("cut", 0.0)
        self.act(source.name.partition(":")[0], "cut", progress, cancel)
        rgba = np.full((6, 9, 4), 100, np.uint8)
        rgba[..., 3] = round(255 * settings.point[0])
        return types.CutPreview(rgba, 0.5, ("It may be wrong.",))

    def release(self):
        self.releases += 1

    def act(self, action, phase, progress, cancel):
        if action == "loop":  # a computation that asks whether it should go on
            for _ in range(1_000_000):
                cancel.check()
                time.sleep(0.001)
        elif action in ("crawl", "deaf"):  # progress, but slowly; and deaf to cancel
            for i in range(10_000):
                progress(phase, i / 10_000)
                if action == "crawl":
                    cancel.check()
                time.sleep(0.02)
        elif action == "flood":
            for i in range(100_000):
                progress(phase, i / 100_000)
        elif action == "sleep":  # one that does not, nor gets on
            time.sleep(3600)
        elif action == "spin":  # one that also keeps the interpreter's lock
            sum(range(10**15))
        elif action == "raise":
            raise ZeroDivisionError("a defect")
        elif action == "weights":
            raise errors.WeightsError("The weights are gone.", "Fetch them again.")
        elif action == "memory":
            raise MemoryError
        elif action == "large":
            np.ones(3 << 30, np.uint8)
        elif action == "limit":  # a real shortage, and then what such a job would ask for
            soft, hard = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, hard))
            try:
                np.ones(8 << 30, np.uint8)
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        elif action == "print":
            print("a stray print")
            os.write(1, b"a stray write\n" * 100)
            ctypes.CDLL(None).puts(b"a stray puts")
            ctypes.CDLL(None).fflush(None)
            subprocess.run(["echo", "a stray child"], check=True)
            assert sys.stdin.read() == "", "stdin of libraries is empty"
        elif action == "exit":
            os._exit(7)
        elif action == "abort":
            os.abort()
        elif action == "nan":
            progress(phase, float("nan"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent-signal", action="store_true")
    options = parser.parse_args()
    worker.run(FakePipeline, parent_signal=options.parent_signal, heartbeat=0.2)

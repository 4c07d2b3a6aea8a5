"""Runs QuadriFlow in a second Blender: `quad_child.py -- FOLDER SECONDS [--parent-signal]`.

Run as a script by `quads`, in a Blender in background or a Python that has bpy. FOLDER/in.npz is
what it is given; it writes FOLDER/out.npz anew after every run that gave something better. After
SECONDS it ends itself, whatever Blender is doing then.
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import importlib.util
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
ROOT = Path(__file__).resolve().parents[2]


def load_package(root: Path) -> str:
    """Make the tree importable, without its `__init__`, which is for an artist's Blender."""
    boot = root / "inference" / "worker_boot.py"
    spec = importlib.util.spec_from_file_location("_bozzetto_boot", boot)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.alias_package(root)
    return module.PACKAGE


def leave_with_parent(seconds: float, *, parent_signal: bool) -> None:
    """See to it that this process does not outlive its use.

    While Blender computes, no Python of ours runs: the kernel, or a thread in C, has to do it.
    """
    if parent_signal and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    faulthandler.dump_traceback_later(seconds, exit=True)


def main(folder: Path) -> None:
    """Do what FOLDER/in.npz asks for."""
    package = load_package(ROOT)
    np = importlib.import_module("numpy")
    bpy = importlib.import_module("bpy")
    flow = importlib.import_module(f"{package}.scene.topology.flow")
    originals = importlib.import_module(f"{package}.scene.topology.original")
    bpy.ops.wm.read_homefile(use_empty=True)
    with np.load(folder / "in.npz", allow_pickle=False) as given:
        task = json.loads(str(given["task"]))
        original = originals.Original(
            given["vertices"], given["faces"], task["cell"], task["plane"]
        )
    best: dict[str, Any] | None = None
    for mesh, report in flow.flow_quads(original, task["budget"], flow.Way(**task["way"])):
        if best is not None and not flow.is_better(report, best, task["budget"]):
            continue
        best = report
        part = folder / "part.npz"
        np.savez(
            part,
            vertices=mesh.vertices,
            corners=mesh.corners,
            sizes=mesh.sizes,
            report=json.dumps(report),
        )
        os.replace(part, folder / "out.npz")  # never half a file under that name


if __name__ == "__main__":
    _arguments = sys.argv[sys.argv.index("--") + 1 :]
    leave_with_parent(float(_arguments[1]), parent_signal="--parent-signal" in _arguments)
    try:
        main(Path(_arguments[0]))
    except BaseException:
        traceback.print_exc()
        _status = 1
    else:
        _status = 0
    sys.stderr.flush()
    os._exit(_status)  # Blender as a module may hang at exit; its files are in FOLDER

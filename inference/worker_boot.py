"""Starts the worker process: `python -I worker_boot.py [--site FOLDER] [--parent-signal]`.

Run as a script, by an interpreter that has torch but knows nothing of the extension. The tree it
belongs to may be called `bozzetto` or `bl_ext.user_default.bozzetto` in Blender; here it becomes
the package `bozzetto`, without running its root `__init__` (which is Blender's business) and
without putting any of its folders on `sys.path` (`inference/types.py` would hide the standard
library's). Nothing is written beside the code.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.machinery
import importlib.util
import json
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGE = "bozzetto"
REQUIRED = ("numpy", "torch", "scipy", "skimage", "fast_simplification", "PIL", "safetensors")
"""What the worker imports beyond the standard library."""


def alias_package(root: Path, name: str = PACKAGE) -> None:
    """Make the folder `root` importable as the package `name`; its `__init__` does not run."""
    spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(root)]
    sys.modules[name] = importlib.util.module_from_spec(spec)


def find_missing(modules: Sequence[str] = REQUIRED) -> list[str]:
    """Those of `modules` that this interpreter does not have, found without importing them."""
    return [name for name in modules if importlib.util.find_spec(name) is None]


def announce_missing(missing: Sequence[str]) -> None:
    """Write the protocol's "ready" that names what is missing; needs no numpy, unlike protocol.py.

    The client reads `protocol` only where nothing is missing, so it is left out.
    """
    header = {"type": "ready", "python": sys.version.split()[0], "pid": os.getpid()}
    encoded = json.dumps({**header, "missing": list(missing)}).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(encoded)) + encoded)
    sys.stdout.buffer.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Prepare the interpreter and become the worker; returns only if modules are missing."""
    parser = argparse.ArgumentParser(description="Bozzetto's worker; Blender's process starts it.")
    parser.add_argument("--site", type=Path, help="folder of packages that goes first")
    parser.add_argument("--parent-signal", action="store_true", help="die when the parent dies")
    options = parser.parse_args(arguments)
    if not sys.flags.isolated:
        parser.error("start it with python -I")
    sys.dont_write_bytecode = True
    if options.site is not None:
        sys.path.insert(0, str(options.site))
    missing = find_missing()
    if missing:
        announce_missing(missing)
        return
    alias_package(Path(__file__).resolve().parents[1])
    worker = importlib.import_module(f"{PACKAGE}.inference.worker")
    pipeline = importlib.import_module(f"{PACKAGE}.inference.pipeline")
    worker.run(pipeline.Pipeline, parent_signal=options.parent_signal)


if __name__ == "__main__":
    main()

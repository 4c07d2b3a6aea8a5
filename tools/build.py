"""Builds the extension's zip with Blender's own builder and checks it with Blender's validator."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .environments import MAIN, ROOT, SetupError, clean_environment, ensure, say

# What artists get. Training, tests, tools, benchmarks and docs stay here.
SHIPPED = (
    "blender_manifest.toml",
    "__init__.py",
    "api.py",
    "cli.py",
    "cli_batch.py",
    "cli_options.py",
    "cli_output.py",
    "cli_weights.py",
    "LICENSE",
    "operators",
    "panels",
    "scene",
    "inference",
    "vendor",
)


def build_extension() -> Path:
    """Stage, build and validate; the zip in `dist/`. Raises SetupError with Blender's words."""
    python = ensure(MAIN)
    stage = ROOT / "build" / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
            shutil.copytree(source, stage / name, ignore=ignored)
        else:
            shutil.copy2(source, stage / name)
    output = ROOT / "dist"
    output.mkdir(exist_ok=True)
    for old in output.glob("bozzetto-*.zip"):
        old.unlink()
    builder = _find_builder(python)
    _run(python, builder, "build", "--source-dir", stage, "--output-dir", output)
    (extension,) = output.glob("bozzetto-*.zip")
    _run(python, builder, "validate", extension)
    say(f"built {extension.relative_to(ROOT)}, {extension.stat().st_size / 1e6:.1f} MB, validated")
    return extension


def _find_builder(python: Path) -> Path:
    pattern = "lib/python*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
    found = sorted(python.parent.parent.glob(pattern))
    if not found:
        raise SetupError(f"Blender's extension builder is missing in {python.parent.parent}.")
    return found[-1]


def _run(*command: object) -> None:
    arguments = [str(part) for part in command]
    answer = subprocess.run(arguments, capture_output=True, text=True, env=clean_environment())
    if answer.returncode:
        raise SetupError(f"Blender's {arguments[2]} failed:\n{answer.stdout}{answer.stderr}")

"""`./bozzetto generate IMAGE`: the artist's way without a window.

Builds the zip, installs it into a fresh Blender user folder, generates through the operator and the
worker, and leaves NAME.blend, NAME.glb, NAME.json and NAME.png (a rendered strip) in `out/`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .build import build_extension
from .environments import MAIN, ROOT, clean_environment, ensure

# Runs in the environment of bpy. The zip's own command does the work.
_IN_BLENDER = """
import sys, bpy
zip_path, *arguments = sys.argv[1:]
bpy.ops.wm.read_homefile(use_empty=True)
bpy.ops.extensions.package_install_files(
    filepath=zip_path, repo="user_default", enable_on_install=True
)
if not hasattr(bpy.types.Scene, "bozzetto"):
    sys.exit("The extension did not install: see the messages above.")
from bl_ext.user_default.bozzetto import cli
sys.exit(cli.run_generate(arguments))
"""


def run(arguments: list[str]) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(
        prog="./bozzetto generate",
        description="One picture becomes an editable base mesh.",
        epilog="Other options are the extension's: ./bozzetto generate --options lists them.",
    )
    parser.add_argument("image", nargs="?", help="the picture")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="folder of the results")
    parser.add_argument("--no-strip", action="store_true", help="do not render the strip")
    parser.add_argument("--options", action="store_true", help="list the extension's options")
    own, passed = parser.parse_known_args(arguments)
    if own.options:
        passed = ["--help"]
    elif not own.image:
        parser.error("name a picture")
    python = ensure(MAIN)
    extension = build_extension()
    if own.image:
        own.out.mkdir(parents=True, exist_ok=True)
        stem = own.out.resolve() / (Path(own.image).stem or "picture")
        outputs = [f"{stem}.blend", f"{stem}.glb", f"{stem}.json"]
        passed = [os.path.abspath(own.image), "--output", *outputs, *passed]
    with tempfile.TemporaryDirectory(prefix="bozzetto-user-") as user:
        environment = clean_environment(
            BLENDER_USER_RESOURCES=user, BOZZETTO_WORKER_PYTHON=str(python)
        )
        command = [str(python), "-I", "-c", _IN_BLENDER, str(extension), *passed]
        status = subprocess.run(command, env=environment, cwd=user).returncode
    if status or own.options:
        return status
    if not own.no_strip:
        strip = f"{stem}.png"
        command = [str(python), "-m", "bozzetto.tools.render_strip", f"{stem}.blend"]
        command += ["--picture", os.path.abspath(own.image), "--out", strip]
        status = subprocess.run(command, env=clean_environment()).returncode
        outputs.append(strip)
    for path in outputs:
        print(os.path.relpath(path), f"{Path(path).stat().st_size / 1e3:,.0f} kB", file=sys.stderr)
    return status

"""The extension's own commands in Blender's module: what `blender --command bozzetto` does."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from .build import build_extension
from .environments import (
    MAIN,
    WEIGHTS_VARIABLE,
    clean_environment,
    ensure,
    find_weights_folder,
)

# Runs in the environment of bpy. The zip's own command does the work.
_IN_BLENDER = """
import sys, bpy
zip_path, online, *arguments = sys.argv[1:]
bpy.ops.wm.read_homefile(use_empty=True)
bpy.ops.extensions.package_install_files(
    filepath=zip_path, repo="user_default", enable_on_install=True
)
if not hasattr(bpy.types.Scene, "bozzetto"):
    sys.exit("The extension did not install: see the messages above.")
bpy.context.preferences.system.use_online_access = online == "online"
from bl_ext.user_default.bozzetto import cli
sys.exit(cli.run(arguments))
"""


def run_command(arguments: list[str], *, online: bool = False) -> int:
    """Build the zip, install it into a fresh user folder and run its command; the exit status.

    arguments: the command and its options, such as ["generate", "/chair.png"]. Paths must be
    absolute: it runs in another folder. online: whether it may use the network.
    """
    python = ensure(MAIN)
    extension = build_extension()
    with tempfile.TemporaryDirectory(prefix="bozzetto-user-") as user:
        environment = clean_environment(
            BLENDER_USER_RESOURCES=user,
            BOZZETTO_WORKER_PYTHON=str(python),
            **{WEIGHTS_VARIABLE: find_weights_folder()},
        )
        command = [str(python), "-I", "-c", _IN_BLENDER, str(extension)]
        command += ["online" if online else "offline", *arguments]
        return subprocess.run(command, env=environment, cwd=user).returncode


def render_strip(blend: Path, picture: str, strip: Path) -> int:
    """Render the strip of a result; the exit status."""
    command = [str(ensure(MAIN)), "-m", "bozzetto.tools.render_strip", str(blend)]
    command += ["--picture", picture, "--out", str(strip)]
    return subprocess.run(command, env=clean_environment()).returncode

"""`./bozzetto generate IMAGE`: the artist's way without a window.

Builds the zip, installs it into a fresh Blender user folder, generates through the operator and the
worker, and leaves NAME.blend, NAME.glb, NAME.json and NAME.png (a rendered strip) in `out/`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from .environments import ROOT
from .headless import render_strip, run_command


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
        return run_command(["generate", "--help"])
    if not own.image:
        parser.error("name a picture")
    own.out.mkdir(parents=True, exist_ok=True)
    picture = os.path.abspath(own.image)
    stem = own.out.resolve() / (Path(own.image).stem or "picture")
    outputs = [f"{stem}.blend", f"{stem}.glb", f"{stem}.json"]
    status = run_command(["generate", picture, "--output", *outputs, *passed])
    if status:
        return status
    if not own.no_strip:
        strip = Path(f"{stem}.png")
        status = render_strip(Path(outputs[0]), picture, strip)
        outputs.append(str(strip))
    for path in outputs:
        print(os.path.relpath(path), f"{Path(path).stat().st_size / 1e3:,.0f} kB", file=sys.stderr)
    return status

"""`./bozzetto batch FOLDER_OR_FILE ...`: many pictures in one go, without a window.

As `./bozzetto generate` for each of them, with one worker, into `out/batch/`: NAME.blend, NAME.glb,
NAME.json and NAME.png (a rendered strip) each, and summary.csv and summary.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from .environments import ROOT, say
from .headless import render_strip, run_command


def run(arguments: list[str]) -> int:
    """The command; its exit status: that of the batch, 1 when a strip cannot be rendered."""
    parser = argparse.ArgumentParser(
        prog="./bozzetto batch",
        description="Each of many pictures becomes an editable base mesh.",
        epilog="Other options are the extension's: ./bozzetto batch --options lists them.",
    )
    parser.add_argument("pictures", nargs="*", help="folders of pictures, picture files, or both")
    parser.add_argument(
        "--output", "--out", type=Path, default=ROOT / "out" / "batch", help="of the results"
    )
    parser.add_argument("--no-strip", action="store_true", help="do not render strips")
    parser.add_argument("--options", action="store_true", help="list the extension's options")
    own, passed = parser.parse_known_args(arguments)
    if own.options:
        return run_command(["batch", "--help"])
    if not own.pictures:
        parser.error("name a folder of pictures, or picture files")
    output, pictures = own.output.resolve(), [os.path.abspath(path) for path in own.pictures]
    if not own.no_strip and any(output == _find_folder(path) for path in pictures):
        parser.error("strips are pictures, too: choose another folder with --output")
    status = run_command(["batch", *pictures, *passed, "--output", str(output)])
    record = output / "summary.json"
    if status not in (0, 1) or not record.is_file():
        return status
    if not own.no_strip:
        status |= _render_strips(output, json.loads(record.read_text(encoding="utf-8")))
    print(os.path.relpath(output / "summary.csv"), file=sys.stderr)
    return status


def _find_folder(path: str) -> Path:
    resolved = Path(path).resolve()
    return resolved if resolved.is_dir() else resolved.parent


def _render_strips(output: Path, summary: dict) -> int:
    """Render the strips that are missing or older than their results; 1 when one fails."""
    status = 0
    for row in summary["pictures"]:
        blend, strip = output / f"{row['name']}.blend", output / f"{row['name']}.png"
        if row["state"] != "done" or blend.name not in row["outputs"]:
            continue
        if strip.is_file() and strip.stat().st_mtime >= blend.stat().st_mtime:
            continue
        if render_strip(blend, row["picture"], strip):
            say(f"{strip.name} cannot be rendered")
            status = 1
    return status

"""What textured results look like, and how well the front view repeats the photograph.

    python -m bozzetto.tools.check_meshes.turntables FOLDER [--count 10]

A process of its own in the main environment: bpy and Pillow. Renders each saved result from the
estimated camera, unlit, beside its picture, and a strip of four views, into
FOLDER/turntables.png; writes PSNR and silhouette IoU of the front view as lines.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from PIL import Image, ImageDraw

from ...scene.compare import add_comparison
from ...scene.record import read_record
from ..environments import ROOT
from ..render_strip import CAPTION, PANEL, render_strip
from ..scratch import quiet
from .plan import Key
from .results import Folder
from .views import compare_views, read_picture

SIDE = 512
"""Longest side of the front view."""
_PAPER = (236, 237, 239)


def choose_results(folder: Folder, count: int) -> list[tuple[Key, dict[str, Any]]]:
    """Usual results of photographs first, the default engine's before others'."""
    plan = json.loads((folder.path / "plan.json").read_text())
    examples = ROOT / "docs" / "examples"
    made = folder.read_made(plan["fingerprint"])
    found = [
        (key, line)
        for key, line in made.items()
        if not key.budget and "error" not in line and folder.file(key, "blend").is_file()
    ]

    def rank(pair: tuple[Key, dict[str, Any]]) -> tuple[bool, bool, str]:
        key, _ = pair
        own = Path(plan["pictures"].get(key.picture, "")).parent == examples
        return own, key.engine != "pixel", key.stem

    return sorted(found, key=rank)[:count]


def load_item(blend: Path) -> bpy.types.Object:
    """The one generated object of a saved result, in an empty file."""
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(blend)) as (source, target):
        target.objects = list(source.objects)
    (item,) = [one for one in target.objects if one is not None and one.type == "MESH"]
    bpy.context.scene.collection.objects.link(item)
    return item


def render_front(item: bpy.types.Object, path: Path) -> np.ndarray | None:
    """Float64 [H, W, 4], sRGB-encoded, straight alpha: the colour alone, by the estimated camera.

    None where the engine estimated none. Workbench draws the texture, or the colour attribute,
    without light, so that colours can be compared with the picture's.
    """
    record = read_record(item)
    if record["info"].get("view") is None:
        return None
    scene = bpy.context.scene
    width, height = record["info"]["picture"]["size"]
    scale = SIDE / max(width, height)
    scene.render.resolution_x, scene.render.resolution_y = (
        max(1, round(width * scale)),
        max(1, round(height * scale)),
    )
    scene.render.resolution_percentage = 100
    scene.camera = add_comparison(item, scene)  # fits the lens to the frame that was just set
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.display.render_aa = "8"
    shading = scene.display.shading
    shading.light = "FLAT"
    shading.color_type = choose_colour_type(item)
    shading.show_cavity = shading.show_shadows = shading.show_object_outline = False
    scene.render.film_transparent = True
    scene.render.dither_intensity = 0.0
    scene.view_settings.view_transform = "Standard"
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "8"
    scene.render.filepath = str(path)
    with quiet():
        bpy.ops.render.render(write_still=True)
    return np.asarray(Image.open(path).convert("RGBA"), np.float64) / 255


def choose_colour_type(item: bpy.types.Object) -> str:
    """What Workbench has to draw."""
    images = [
        node
        for material in item.data.materials
        if material is not None and material.node_tree is not None
        for node in material.node_tree.nodes
        if node.type == "TEX_IMAGE" and node.image is not None
    ]
    if images and len(item.data.uv_layers):
        return "TEXTURE"
    return "VERTEX" if len(item.data.color_attributes) else "MATERIAL"


def make_row(folder: Folder, key: Key, work: Path) -> tuple[dict[str, Any], Image.Image]:
    """Figures, and a row of the sheet: picture, front view, four lit views."""
    item = load_item(folder.file(key, "blend"))
    picture_path = Path(read_record(item)["picture"]["path"])
    seen = render_front(item, work / "front.png")
    figures: dict[str, Any] = {"stem": key.stem}
    if seen is None:
        figures |= {"psnr": None, "iou": None, "note": "no camera is estimated"}
    else:
        size = (seen.shape[1], seen.shape[0])
        figures |= compare_views(seen, read_picture(picture_path, size))
        if choose_colour_type(item) == "MATERIAL":
            figures["note"] = "there is no colour to compare"
            figures["psnr"] = None
    item = load_item(folder.file(key, "blend"))
    strip = Image.open(render_strip(item, picture_path, work / "strip.png")).convert("RGB")
    row = Image.new("RGB", (strip.width + PANEL, strip.height), _PAPER)
    # not the strip's own: it leaves a small picture small, and the front view is as large as this
    _paste_fitted(row, Image.open(picture_path).convert("RGBA"), 0)
    row.paste(strip.crop((PANEL, 0, strip.width, strip.height)), (2 * PANEL, 0))
    if seen is not None:
        _paste_fitted(row, Image.fromarray((seen * 255).round().astype(np.uint8)), PANEL)
    psnr, iou = figures["psnr"], figures["iou"]
    text = "by the estimated camera, unlit"
    text += f"; PSNR {psnr:.1f} dB" if psnr is not None else ""
    text += f"; IoU {iou:.3f}" if iou is not None else ""
    draw = ImageDraw.Draw(row)
    middle = PANEL + PANEL // 2, PANEL + CAPTION // 2 - 2
    draw.text(middle, text, fill=(70, 72, 76), anchor="mm")
    draw.text((6, 4), key.stem, fill=(70, 72, 76))
    return figures, row


def _paste_fitted(row: Image.Image, picture: Image.Image, left: int) -> None:
    """Paste an RGBA picture into the panel that begins at `left`, as large as fits."""
    scale = (PANEL - 16) / max(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    fitted = picture.resize(size, Image.Resampling.LANCZOS)
    row.paste(fitted, (left + (PANEL - size[0]) // 2, (PANEL - size[1]) // 2), fitted)


def main(arguments: list[str] | None = None) -> int:
    """Render the sheet; 1 when there is nothing to render."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10)
    options = parser.parse_args(arguments)
    folder = Folder(options.folder)
    chosen = choose_results(folder, options.count)
    if not chosen:
        print("There are no saved results.", file=sys.stderr)
        return 1
    rows = []
    folder.views.path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="bozzetto-turntables-") as work:
        for key, line in chosen:
            figures, row = make_row(folder, key, Path(work))
            folder.views.append({**figures, "fingerprint": line["fingerprint"]})
            rows.append(row)
            print(json.dumps(figures), flush=True)
    sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), _PAPER)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    sheet.save(folder.path / "turntables.png", optimize=True)
    print(folder.path / "turntables.png")
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # Blender as a module may hang at exit; everything is written

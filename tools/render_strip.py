"""The strip that shows a result: the picture, then the object from the front, three-quarter, side
and back.

python -m bozzetto.tools.render_strip FILE.blend --picture PICTURE --out STRIP.png [--object NAME]

Runs where bpy is, in a process of its own: it loads Pillow, which never enters Blender's process
during a generation.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from ..inference.errors import BozzettoError
from . import studio
from .scratch import quiet, temporary_data

VIEWS: tuple[tuple[str, float, float], ...] = (  # caption, azimuth, elevation in degrees
    ("front", 0.0, 8.0),
    ("three-quarter", 35.0, 20.0),
    ("side", 90.0, 8.0),
    ("back", 180.0, 8.0),
)
PANEL = 384
CAPTION = 30
SAMPLES = 8
FILL = 0.80
PAPER = (236, 237, 239)
CHECKER = (222, 224, 227)
INK = (70, 72, 76)


def render_strip(
    blend_or_object: str | Path | bpy.types.Object,
    picture_path: str | Path,
    out_png: str | Path,
    *,
    name: str = "",
) -> Path:
    """Render the strip to `out_png` and return its path.

    blend_or_object: an object of the open file, which is left exactly as it was; or a .blend file,
    which is opened (not saved), where `name` says which object is meant (empty: the only mesh).

    All views share one scale. Raises ValueError when there is no such mesh, PictureError when the
    picture cannot be read.
    """
    from ..inference.pictures.image import load_picture
    from ..inference.types import Source

    picture = load_picture(Source(path=str(picture_path)))
    if isinstance(blend_or_object, bpy.types.Object):
        item = blend_or_object
    else:
        with quiet():
            bpy.ops.wm.open_mainfile(filepath=str(blend_or_object), load_ui=False)
        item = _find_object(name)
    with tempfile.TemporaryDirectory(prefix="bozzetto-strip-") as folder:
        panels = _render_views(item, Path(folder))
        strip = _compose(picture.rgba, panels)
    out_png = Path(out_png)
    strip.save(out_png, optimize=True)
    return out_png


def _find_object(name: str) -> bpy.types.Object:
    meshes = [item for item in bpy.data.objects if item.type == "MESH" and name in ("", item.name)]
    if len(meshes) != 1:
        known = ", ".join(item.name for item in bpy.data.objects if item.type == "MESH")
        raise ValueError(f"Name one mesh object of the file with --object; it has: {known or '-'}.")
    return meshes[0]


def _render_views(item: bpy.types.Object, folder: Path) -> list[tuple[str, Path]]:
    """(caption, PNG with alpha) of each view."""
    points = studio.find_points([item])
    low, high = points.min(axis=0), points.max(axis=0)
    centre, radius = Vector((low + high) / 2), max(float(np.linalg.norm(high - low)) / 2, 1e-6)
    reach = max(studio.find_extent(points, azimuth, lift) for _, azimuth, lift in VIEWS) / 2
    panels = []
    with temporary_data(_KINDS), quiet():
        scene = bpy.data.scenes.new("Bozzetto strip")
        shown = item.copy()
        shown.parent, shown.matrix_world = None, item.matrix_world
        shown.hide_render = False
        scene.collection.objects.link(shown)
        studio.set_cycles(scene, (PANEL, PANEL), SAMPLES)
        scene.cycles.max_bounces = 2
        scene.cycles.denoising_quality = scene.cycles.denoising_prefilter = "FAST"
        scene.render.use_persistent_data = True
        scene.render.image_settings.compression = 10
        studio.set_world(scene, 0.35)
        _add_floor(scene, centre, float(low[2]), radius)
        for caption, azimuth, elevation in VIEWS:
            camera = studio.add_camera(
                scene, points, azimuth, elevation, fov=24.0, fill=FILL, reach=reach
            )
            # The light turns with the camera, so that every view is lit from its upper left.
            lamps = [
                studio.add_light(
                    scene, centre, radius, azimuth=azimuth + turn, elevation=lift,
                    strength=strength, size=2.5,
                )
                for turn, lift, strength in ((-40, 50, 5.0), (60, 25, 1.5))
            ]  # fmt: skip
            path = folder / f"{caption}.png"
            studio.render(scene, path)
            panels.append((caption, path))
            for old in (camera, *lamps):
                bpy.data.objects.remove(old)
        return panels


def _add_floor(scene: bpy.types.Scene, centre: Vector, height: float, radius: float) -> None:
    """A floor that shows nothing but the shadow on it."""
    wide = 20 * radius
    corners = [(-wide, -wide), (wide, -wide), (wide, wide), (-wide, wide)]
    mesh = bpy.data.meshes.new("Strip floor")
    mesh.from_pydata([(centre.x + x, centre.y + y, height) for x, y in corners], [], [(0, 1, 2, 3)])
    floor = bpy.data.objects.new("Strip floor", mesh)
    floor.is_shadow_catcher = True
    scene.collection.objects.link(floor)


_KINDS = ("scenes", "objects", "meshes", "cameras", "lights", "worlds", "images", "node_groups")


def _compose(rgba: np.ndarray, panels: list[tuple[str, Path]]) -> object:
    """The strip as a Pillow image: the picture on a checker, the views on paper, captions."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=15)
    strip = Image.new("RGB", (PANEL * (1 + len(panels)), PANEL + CAPTION), PAPER)
    draw = ImageDraw.Draw(strip)
    picture = Image.fromarray((rgba * 255).round().astype(np.uint8))
    picture.thumbnail((PANEL - 16, PANEL - 16), Image.Resampling.LANCZOS)
    left, top = (PANEL - picture.width) // 2, (PANEL - picture.height) // 2
    if rgba[..., 3].min() < 1.0:
        cell = 16
        for y in range(0, PANEL, cell):
            for x in range((y // cell) % 2 * cell, PANEL, 2 * cell):
                draw.rectangle((x, y, x + cell - 1, y + cell - 1), fill=CHECKER)
    strip.paste(picture, (left, top), picture)
    for number, (caption, path) in enumerate([("picture", None), *panels]):
        if path is not None:
            with Image.open(path) as panel:
                strip.paste(panel, (number * PANEL, 0), panel)
        middle = (number * PANEL + PANEL // 2, PANEL + CAPTION // 2 - 2)
        draw.text(middle, caption, fill=INK, font=font, anchor="mm")
        if number:
            draw.line((number * PANEL, 12, number * PANEL, PANEL + CAPTION - 12), fill=CHECKER)
    return strip


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Render a strip: the picture and four views.")
    parser.add_argument("blend", type=Path, help=".blend file with the object")
    parser.add_argument("--object", default="", help="its name; not needed for the only mesh")
    parser.add_argument("--picture", type=Path, required=True, help="the picture it was made from")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    try:
        path = render_strip(options.blend, options.picture, options.out, name=options.object)
    except (ValueError, RuntimeError, BozzettoError) as error:
        print(f"render_strip: {error}", file=sys.stderr)
        return 1
    print(f"{path}: rendered in {time.perf_counter() - start:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

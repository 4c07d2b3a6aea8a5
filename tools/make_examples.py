"""Makes the pictures in docs/examples from scratch: our own models, rendered by Cycles.

python -m bozzetto.tools.make_examples [--out FOLDER] [NAME ...]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bpy
from mathutils import Vector

from . import studio
from .example_furniture import build_chair, build_table
from .example_parts import make_material, make_mesh
from .example_vehicles import build_airplane, build_car

OUT = Path(__file__).resolve().parents[1] / "docs" / "examples"
SAMPLES = 64
EXAMPLES: dict[str, tuple[Callable[[], None], float, float, tuple[int, int]]] = {
    # name: builder, azimuth, elevation, size in pixels
    "chair": (build_chair, 35.0, 20.0, (512, 512)),
    "car": (build_car, 40.0, 16.0, (512, 512)),
    "airplane": (build_airplane, 42.0, 20.0, (512, 512)),
    "table_photo": (build_table, 30.0, 20.0, (640, 480)),
}


def make_example(name: str, folder: Path) -> Path:
    """Model and render one example picture; returns its path."""
    build, azimuth, elevation, size = EXAMPLES[name]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    build()
    bpy.context.view_layer.update()
    points = studio.find_points(scene.objects)
    centre = Vector((points.min(axis=0) + points.max(axis=0)) / 2)
    radius = float(((points - points.mean(axis=0)) ** 2).sum(axis=1).max() ** 0.5)
    photo = name.endswith("_photo")
    studio.set_cycles(scene, size, SAMPLES)
    studio.add_camera(scene, points, azimuth, elevation, fill=0.72 if photo else 0.88)
    if photo:
        _add_backdrop(radius, azimuth)
        scene.render.film_transparent = False
        scene.render.image_settings.color_mode = "RGB"
    studio.set_world(scene, 0.35)
    for turn, lift, strength, wide in (
        (azimuth - 50, 45, 7.0, 2.5),
        (azimuth + 65, 25, 2.5, 3.0),
        (azimuth + 170, 50, 4.0, 2.0),
    ):
        studio.add_light(
            scene, centre, radius, azimuth=turn, elevation=lift, strength=strength, size=wide
        )
    path = folder / f"{name}.png"
    studio.render(scene, path)
    return path


def _add_backdrop(radius: float, azimuth: float) -> None:
    """A paper sweep: floor that bends up into a wall behind the object, facing the camera."""
    paper = make_material("Paper", (0.62, 0.64, 0.66), roughness=0.95)
    wide = 14 * radius
    away = -studio.find_direction(azimuth, 0.0)
    along = Vector((-away.y, away.x, 0.0))
    stations = [(-12.0, 0.0), (2.6, 0.0), (4.0, 0.35), (4.9, 1.3), (5.2, 2.8), (5.2, 12.0)]
    vertices, faces = [], []
    for row, (distance, height) in enumerate(stations):
        middle = away * (distance * radius) + Vector((0, 0, height * radius - 0.001))
        for column in range(9):
            vertices.append(tuple(middle + along * (wide * (column / 4 - 1))))
        if row:
            start = (row - 1) * 9
            faces += [(start + c, start + c + 1, start + c + 10, start + c + 9) for c in range(8)]
    make_mesh("Backdrop", vertices, faces, paper, smooth=3)


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*EXAMPLES, []], help="default: all")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or EXAMPLES:
        start = time.perf_counter()
        path = make_example(name, options.out)
        print(f"{path} ({path.stat().st_size // 1024} KB, {time.perf_counter() - start:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

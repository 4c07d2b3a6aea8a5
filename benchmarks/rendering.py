"""The training pictures: OpenGL in software against ray casting, storage, augmentation.

    python -m bozzetto.benchmarks.rendering [--quick]

Every figure is taken in this one run, in processor seconds of one core, so that other work on the
machine changes it little. The rasteriser draws materials, three lights, a soft shadow, ambient
occlusion and depth; the ray caster one light with a hard shadow in plain colours. Both take four
samples a pixel.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
import trimesh

from ..training.data.formats.mesh import Mesh, make_mesh, normalise
from ..training.data.views import decode_views, encode_views, make_views
from ..training.data.views.appearance import random_appearance
from ..training.data.views.camera import Camera
from ..training.data.views.rasteriser import Painter
from ..training.data.views.render import Light, Renderer
from ..training.pictures import augment_pictures

TRIANGLES = (2_000, 20_000, 60_000)
SIDES = (128, 160, 192, 384)
CAMERA = Camera(30, 20, 35)
LIGHT = Light(np.array([-0.5, -0.6, 0.62]), np.full(3, 0.75), np.full(3, 0.35))


def stool(triangles: int) -> Mesh:
    """A ring on four legs with about this many triangles, an eighth of them in the legs."""
    rings = int(np.sqrt(triangles * 0.875 / 2 / 0.4))
    parts = [trimesh.creation.torus(0.35, 0.12, rings, max(3, int(rings * 0.4)))]
    sections = max(3, triangles // 8 // 4 // 4)
    for x, y in ((0.3, 0.3), (-0.3, 0.3), (0.3, -0.3), (-0.3, -0.3)):
        leg = trimesh.creation.cylinder(0.04, 0.6, sections)
        leg.apply_translation((x, y, -0.35))
        parts.append(leg)
    whole = trimesh.util.concatenate(parts)
    return normalise(make_mesh(whole.vertices, whole.faces, (0.7, 0.5, 0.3)))[0]


def milliseconds(task: Callable[[], object], seconds: float) -> float:
    """Processor time of a call, the mean over as many as fit into `seconds`, one at least."""
    task()
    started, count = time.process_time(), 0
    while count == 0 or time.process_time() - started < seconds:
        task()
        count += 1
    return (time.process_time() - started) / count * 1e3


def compare_renderers(triangles: tuple[int, ...], sides: tuple[int, ...], seconds: float) -> None:
    """Print the time of a view both ways, the preparation of a mesh apart."""
    look = random_appearance(np.random.default_rng(1), CAMERA)
    print("triangles  side   ray cast      OpenGL      ratio")
    for count in triangles:
        mesh = stool(count)
        caster = Renderer(mesh)
        with Painter(mesh) as painter:
            for side in sides:
                cast = milliseconds(lambda: caster.render(CAMERA, LIGHT, side=side), seconds)  # noqa: B023
                drawn = milliseconds(lambda: painter.draw(CAMERA, look, side), seconds)  # noqa: B023
                print(
                    f"{len(mesh.faces):9,} {side:5} {cast:7.1f} ms {drawn:8.1f} ms "
                    f"{cast / drawn:9.1f}x"
                )
        prepare_cast = milliseconds(lambda: Renderer(mesh), seconds)  # noqa: B023
        prepare_drawn = milliseconds(lambda: Painter(mesh).__exit__(), seconds)  # noqa: B023
        print(f"  preparing the mesh {prepare_cast:.1f} ms {prepare_drawn:.1f} ms")


def measure_storage(seconds: float) -> None:
    """Print bytes and time to read of stored views."""
    views = make_views(stool(20_000), np.random.default_rng(2), fine_count=2)
    stored = encode_views(views)
    count = len(views.pictures)
    pictures, depths = len(stored["pictures"]) / count, len(stored["depths"]) / count
    coarse = {**stored, "fine_pictures": stored["fine_pictures"][:0]}
    coarse["fine_ends"] = stored["fine_ends"][:0]
    print(f"stored: {pictures:,.0f} bytes a view, its depth {depths:,.0f}; ", end="")
    print(f"a fine view {len(stored['fine_pictures']) / len(views.fine_pictures):,.0f}")
    write = milliseconds(lambda: encode_views(views), seconds) / count
    read = milliseconds(lambda: decode_views(coarse), seconds) / count
    print(f"written in {write:.2f} ms, view and depth read in {read:.2f} ms")


def measure_augmentation(seconds: float) -> None:
    """Print the time of augmenting a 128² picture, beside decoding one."""
    views = make_views(stool(2_000), np.random.default_rng(3), count=16, side=128, fine_count=0)
    generator = torch.Generator().manual_seed(0)
    spent = milliseconds(lambda: augment_pictures(views.pictures, generator), 4 * seconds)
    print(f"augmented at 128²: {spent / 16:.2f} ms a picture")


def main() -> None:
    """Run all; --quick takes the smallest meshes and sides only."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="seconds instead of a minute")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sys.stdout.reconfigure(line_buffering=True)
    seconds = 0.2 if arguments.quick else 1.0
    count = 1 if arguments.quick else None
    compare_renderers(TRIANGLES[:count], SIDES[:count], seconds)
    measure_storage(seconds)
    measure_augmentation(seconds)


if __name__ == "__main__":
    main()

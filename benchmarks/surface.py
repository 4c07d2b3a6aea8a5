"""What finishing makes of a surface: marching cubes alone, projected, and faired, side by side.

    ./bozzetto benchmark surface [--quick] [--part shapes|engines]

Shapes that are known by a formula: as a clean field, as cells inside and outside (terraces), and
with bumps of known size. Then what the bundled engines make of the pictures in docs/examples: how
rough it is, what smoothing does to its outlines, and whether it comes nearer to the true model.
Every figure is taken in this one run; times are processor time, best of three.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..evaluation.metrics.shape import Shape, fit_box
from ..evaluation.metrics.silhouette import View, silhouette_iou
from ..evaluation.metrics.surface import SurfaceTruth
from ..evaluation.metrics.volume import unit_points, volume_iou
from ..evaluation.truth import (
    MIN_THICKNESS,
    RESOLUTION,
    refine_coverage,
    shape_of_coverage,
)
from ..inference.engines import create_engine
from ..inference.pictures.cutting import cut_out
from ..inference.pictures.image import load_picture
from ..inference.pictures.matting import Matting
from ..inference.settings import BUNDLED_ENGINES, GenerateSettings
from ..inference.surface.collapse import collapse_short_edges
from ..inference.surface.extract import extract_surface
from ..inference.surface.fair import fair_surface
from ..inference.surface.fields import check_bounds, evaluate_field
from ..inference.surface.finish import FAIR_LIMIT, SLIVER_SHARE, finish_surface
from ..inference.surface.mirror import find_mirror
from ..inference.surface.project import project_vertices
from ..inference.surface.shells import choose_shells
from ..inference.surface.topology import (
    drop_unused,
    list_edges,
    measure_edges,
    measure_volume,
    split_fans,
)
from ..inference.types import Cancel, Field, Source, Surface, no_progress
from ..training.data.formats.mesh import make_mesh
from ..training.data.occupancy import Solid, occupancy_grid
from .analytic import SHAPES, Reference, ShapeField, TerracedField, measure_roughness
from .example_truth import load_truths

ROOT = Path(__file__).resolve().parent.parent
NOISE, WAVE = 0.35, 4.0
"""Amplitude and length of the bumps, in voxels."""
POINTS = 60_000
STAGES = ("marching cubes", "projected", "faired")


@dataclass(frozen=True)
class Stages:
    """The same faces with the vertices of every stage of `STAGES`, and what each took.

    cell: length of a voxel. mirrored: whether the surface was taken for symmetric.
    """

    vertices: tuple[np.ndarray, np.ndarray, np.ndarray]
    faces: np.ndarray
    seconds: tuple[float, float, float]
    cell: float
    mirrored: bool


def measure_seconds(function: Callable[[], object]) -> float:
    """Processor time of the best of three calls."""
    times = []
    for _ in range(3):
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return min(times)


def finish_in_stages(surface: Surface, field: Field) -> Stages:
    """What `finish_surface` does, one step after the other."""
    cell = float(surface.report["cell"])
    vertices, faces = split_fans(
        surface.vertices.astype(np.float64), surface.faces.astype(np.int64), apart=0.05 * cell
    )
    faces = choose_shells(vertices, faces, cell).faces
    lengths = measure_edges(vertices, list_edges(faces, len(vertices)).edges)
    vertices, faces, _ = collapse_short_edges(
        vertices, faces, SLIVER_SHARE * float(np.median(lengths))
    )
    vertices, number = drop_unused(vertices, faces)
    faces, box, level = number[faces], check_bounds(field), np.float32(field.level)

    def project() -> np.ndarray:
        return project_vertices(
            vertices,
            faces,
            lambda points: evaluate_field(field, points).astype(np.float64) - level,
            cell=cell,
            box=box,
            shortest=1e-4,
        )

    projected = project()

    def fair() -> np.ndarray:
        return fair_surface(
            projected,
            faces,
            cell=cell,
            limit=FAIR_LIMIT,
            box=box,
            mirror=find_mirror(projected, (box[0][0] + box[1][0]) / 2, cell),
        )

    mirrored = find_mirror(projected, (box[0][0] + box[1][0]) / 2, cell) is not None
    seconds = (0.0, measure_seconds(project), measure_seconds(fair))
    return Stages((vertices, projected, fair()), faces, seconds, cell, mirrored)


def compare_shapes(resolutions: tuple[int, ...]) -> None:
    """Print the table of the shapes with a formula."""
    print(
        "Distances in voxels. normals: share by which they miss the shape's own, 1 - consistency."
    )
    print("edges: mean distance of the true sharp edges from the mesh. ratio: marching cubes /")
    print("faired, over 1 is better.")
    print(
        f"{'shape':12}{'field':10}{'samples':>8}  {'stage':15}{'normals':>8}{'hausdorff':>10}"
        f"{'rms':>7}{'volume':>9}{'rough':>7}{'edges':>7}{'seconds':>9}"
    )
    for name, distance in SHAPES.items():
        reference = Reference(name)
        for resolution in resolutions:
            fields: dict[str, Field] = {
                "clean": ShapeField(distance),
                "terraced": TerracedField(distance, resolution),
                "bumpy": ShapeField(distance, noise=NOISE / resolution, wave=WAVE / resolution),
            }
            for kind, field in fields.items():
                stages = finish_in_stages(extract_surface(field, resolution), field)
                scores = []
                for stage, vertices, seconds in zip(
                    STAGES, stages.vertices, stages.seconds, strict=True
                ):
                    score = reference.score(vertices, stages.faces, stages.cell)
                    scores.append(score)
                    edges = "" if np.isnan(score.edges) else f"{score.edges:.3f}"
                    print(
                        f"{name:12}{kind:10}{resolution:8}  {stage:15}{1 - score.normals:8.4f}"
                        f"{score.hausdorff:10.3f}{score.rms:7.3f}{score.volume:+9.2%}"
                        f"{score.roughness:7.2f}{edges:>7}{seconds:9.3f}"
                    )
                first, last = scores[0], scores[-1]
                edges = "" if np.isnan(first.edges) else f"{first.edges / last.edges:.1f}x"
                kept = measure_volume(stages.vertices[2], stages.faces) / measure_volume(
                    stages.vertices[1], stages.faces
                )
                print(
                    f"{'':32}{'ratio':15}{(1 - first.normals) / (1 - last.normals):7.1f}x"
                    f"{first.hausdorff / last.hausdorff:9.1f}x{first.rms / last.rms:6.1f}x"
                    f"{kept - 1:+9.2%}{first.roughness / last.roughness:6.1f}x{edges:>7}"
                )


def compare_engines() -> None:
    """Print what fairing does to the engines' results, and the true models' verdict."""
    truths = {name: _make_truth(*mesh) for name, mesh in _load_truths().items()}
    matting = Matting(threads=torch.get_num_threads())
    print("Before / after fairing. rough: degrees between faces. outlines: least and mean IoU of")
    print("the two over 8 views. moved: mean and most, voxels. normals and IoU: against the true")
    print(
        "model, boxes fitted once. finish: all of it; fair: its share; generate: what went before."
    )
    for engine_name in BUNDLED_ENGINES:
        settings = GenerateSettings(engine=engine_name)
        engine = create_engine(engine_name, checkpoint="", device=settings.device)
        for name, truth in truths.items():
            path = ROOT / "docs" / "examples" / f"{name}.png"
            cutout = cut_out(load_picture(Source(path=str(path))), matting=matting)
            surface, field, generating = _generate(engine, cutout, settings)
            stages = finish_in_stages(surface, field)
            finishing = measure_seconds(lambda s=surface, f=field: finish_surface(s, f, name="x"))
            _, before, after = stages.vertices
            moved = np.linalg.norm(after - before, axis=1) / stages.cell
            change = measure_volume(after, stages.faces) / measure_volume(before, stages.faces) - 1
            least, mean = _compare_outlines(before, after, stages.faces)
            verdicts = [_score(truth, v, before, stages.faces) for v in (before, after)]
            print(
                f"{engine_name:6}{name:12}{len(stages.faces):7,} faces  rough "
                f"{measure_roughness(before, stages.faces):5.2f} /"
                f"{measure_roughness(after, stages.faces):5.2f}  outlines {least:.3f} {mean:.3f}  "
                f"moved {moved.mean():.2f} {moved.max():.2f}  volume {change:+.2%}  "
                f"normals {verdicts[0][0]:.4f} / {verdicts[1][0]:.4f}  "
                f"IoU {verdicts[0][1]:.4f} / {verdicts[1][1]:.4f}  "
                f"{'symmetric  ' if stages.mirrored else ''}"
                f"generate {generating:.2f} s  finish {finishing:.2f} s  "
                f"fair {stages.seconds[2]:.2f} s"
            )


def _load_truths() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return load_truths(ROOT / ".data" / "evaluation" / "examples")


def _make_truth(vertices: np.ndarray, faces: np.ndarray) -> SurfaceTruth:
    """As the judge makes it of held-out objects."""
    solid = Solid(make_mesh(vertices, faces), np.random.default_rng(1), min_thickness=MIN_THICKNESS)
    coverage = refine_coverage(solid, occupancy_grid(solid, RESOLUTION))
    return SurfaceTruth(shape_of_coverage(coverage), np.random.default_rng(1), POINTS)


def _generate(
    engine: object, cutout: object, settings: GenerateSettings
) -> tuple[Surface, Field, float]:
    """The second time is measured: the first one warms up."""
    for _ in range(2):
        started = time.process_time()
        field = engine.encode(
            cutout,
            settings,
            generator=torch.Generator().manual_seed(0),
            progress=no_progress,
            cancel=Cancel(),
        )[0].field
        surface = extract_surface(field, settings.resolution)
        seconds = time.process_time() - started
    return surface, field, seconds


def _compare_outlines(
    before: np.ndarray, after: np.ndarray, faces: np.ndarray
) -> tuple[float, float]:
    one, other = Shape(before, faces), Shape(after, faces)
    found = [
        silhouette_iou(one, other, View(45.0 * turn, 15.0 if turn % 2 else 40.0, 30.0, 2.1), 256)
        for turn in range(8)
    ]
    return min(found), float(np.mean(found))


def _score(
    truth: SurfaceTruth, vertices: np.ndarray, placed_by: np.ndarray, faces: np.ndarray
) -> tuple[float, float]:
    shape = Shape(vertices, faces).placed(fit_box(placed_by, truth.shape))
    points = unit_points(POINTS, np.random.default_rng(3))
    normals = truth.compare(shape, np.random.default_rng(2)).normals
    return normals, volume_iou(truth.shape, shape, points)


def main(arguments: list[str] | None = None) -> None:
    """Run both parts."""
    parser = argparse.ArgumentParser(prog="./bozzetto benchmark surface", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shapes at 64 samples only")
    parser.add_argument("--part", choices=("shapes", "engines"), help="one part only")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    sys.stdout.reconfigure(line_buffering=True)
    if options.part != "engines":
        compare_shapes((64,) if options.quick else (64, 128))
    if options.part != "shapes":
        compare_engines()


if __name__ == "__main__":
    main()

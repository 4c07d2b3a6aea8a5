"""Coarse-to-fine extraction against a dense evaluation: queries, time, growth, memory.

    python -m bozzetto.benchmarks.extraction [--quick]

Every figure is taken in this one run. The field has a known shape (a torus on four legs) and costs
what a network costs: a decoder of the bundled size works on every point, and its output, scaled to
nothing, is added. So both ways give the same surface and pay the same per query.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import time

import numpy as np
import torch
from scipy.spatial import cKDTree
from skimage.measure import marching_cubes

from ..inference.surface.extract import extract_surface
from ..inference.surface.fields import CHUNK, evaluate_field
from ..inference.surface.finish import finish_surface
from ..inference.types import Vec3

RESOLUTIONS = (64, 128, 256, 512)
DENSE_RESOLUTION = 256
WIDTHS = (259, 256, 256, 256, 128, 64, 32, 1)


class CountingField:
    """A chair-like shape at the cost of a decoder network; counts its queries.

    widths: of the decoder's layers; empty: the shape alone, free of charge.
    """

    bounds: tuple[Vec3, Vec3] = ((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))
    level = 0.5
    device = torch.device("cpu")

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        generator = torch.Generator().manual_seed(1)
        self.layers = [
            torch.randn(after, before, generator=generator) / before**0.5
            for before, after in itertools.pairwise(widths)
        ]
        self.queries = 0

    def occupancy(self, points: torch.Tensor) -> torch.Tensor:
        """See Field."""
        self.queries += len(points)
        x, y, z = points.unbind(1)
        seat = ((torch.hypot(x, y) - 0.25) ** 2 + (z - 0.1) ** 2).sqrt() - 0.09
        leg = torch.hypot(x.abs() - 0.18, y.abs() - 0.18) - 0.02
        leg = torch.maximum(leg, (z + 0.15).abs() - 0.25)
        value = (0.5 - 24 * torch.minimum(seat, leg)).clamp(0, 1)
        return value + 1e-12 * self._run_layers(points) if self.layers else value

    def _run_layers(self, points: torch.Tensor) -> torch.Tensor:
        width = self.layers[0].shape[1]
        hidden = torch.cat([points, torch.ones(len(points), width - 3)], dim=1)
        for layer in self.layers:
            hidden = torch.nn.functional.leaky_relu(hidden @ layer.T, 0.02)
        return hidden[:, 0]


def extract_dense(field: CountingField, resolution: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces from every sample of the box."""
    axis = ((np.arange(resolution) + 0.5) / resolution - 0.5).astype(np.float32)
    grid = np.empty((resolution,) * 3, np.float32)
    slab = max(1, CHUNK // resolution**2)
    for start in range(0, resolution, slab):
        part = np.stack(np.meshgrid(axis[start : start + slab], axis, axis, indexing="ij"), -1)
        values = evaluate_field(field, part.reshape(-1, 3))
        grid[start : start + slab] = values.reshape(part.shape[:3])
    padded = np.pad(grid, 1, constant_values=0)
    vertices, faces, _, _ = marching_cubes(padded, field.level, gradient_direction="ascent")
    return (vertices - 0.5) / resolution - 0.5, faces


def compare_dense(resolution: int) -> None:
    """Print queries and time of both ways side by side."""
    sparse_field, dense_field = CountingField(), CountingField()
    extract_surface(sparse_field, 32)  # warm up
    sparse_field.queries = 0
    started = time.perf_counter()
    surface = extract_surface(sparse_field, resolution)
    sparse_seconds = time.perf_counter() - started
    started = time.perf_counter()
    vertices, faces = extract_dense(dense_field, resolution)
    dense_seconds = time.perf_counter() - started
    print(f"At {resolution}^3, decoder {'-'.join(map(str, WIDTHS))}:")
    print(f"  coarse to fine {sparse_field.queries:>11,} queries {sparse_seconds:8.2f} s")
    print(f"  dense          {dense_field.queries:>11,} queries {dense_seconds:8.2f} s")
    print(f"  ratio          {dense_field.queries / sparse_field.queries:11.1f}         ", end="")
    print(f"{dense_seconds / sparse_seconds:8.1f}")
    print(f"  faces          {len(surface.faces):,} against {len(faces):,}")
    print(f"  vertices apart {measure_apart(surface.vertices, vertices) * resolution:.4f} voxels")


def measure_apart(one: np.ndarray, other: np.ndarray) -> float:
    """Largest distance from a vertex of one set to the nearest of the other, both ways."""
    return max(float(cKDTree(a).query(b)[0].max()) for a, b in ((one, other), (other, one)))


def measure_growth(resolutions: tuple[int, ...]) -> None:
    """Print cost against resolution, and the fitted exponents."""
    rows = []
    print("resolution     queries  of dense    extract     finish      faces  peak memory (MB)")
    for resolution in resolutions:
        field = CountingField()
        started = time.perf_counter()
        surface = extract_surface(field, resolution)
        extracted = time.perf_counter()
        queries = field.queries
        finish_surface(surface, field, diagonal=1.0, name="benchmark")
        finished = time.perf_counter()
        peak = measure_peak(resolution)
        rows.append((resolution, queries, extracted - started))
        print(
            f"{resolution:10} {queries:11,} {resolution**3 / queries:8.1f}x "
            f"{extracted - started:8.2f} s {finished - extracted:8.2f} s "
            f"{len(surface.faces):10,} {peak:10.0f}"
        )
    if len(rows) > 1:
        size, queries, seconds = np.log(np.array(rows, float)).T
        print(f"queries grow as resolution^{np.polyfit(size, queries, 1)[0]:.2f}, ", end="")
        print(f"time as resolution^{np.polyfit(size, seconds, 1)[0]:.2f}")


_PEAK = """
import sys
from pathlib import Path
from bozzetto.benchmarks.extraction import CountingField
from bozzetto.inference.surface.extract import extract_surface

def read(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))

field = CountingField(())
extract_surface(field, 16)
Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
before = read("VmRSS")
extract_surface(field, int(sys.argv[1]))
print(read("VmHWM") - before)
"""


def measure_peak(resolution: int) -> float:
    """Megabytes that an extraction adds to a fresh process, the network apart (Linux only)."""
    answer = subprocess.run(
        [sys.executable, "-c", _PEAK, str(resolution)], capture_output=True, text=True, check=True
    )
    return int(answer.stdout) / 1024


def main() -> None:
    """Run all; --quick stops at 128."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="128 and below, seconds")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    sys.stdout.reconfigure(line_buffering=True)
    compare_dense(128 if arguments.quick else DENSE_RESOLUTION)
    measure_growth(RESOLUTIONS[:2] if arguments.quick else RESOLUTIONS)


if __name__ == "__main__":
    main()

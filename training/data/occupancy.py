"""Solid occupancy of a triangle soup, thin parts kept.

Package meshes are not watertight, so a point counts as outside when at least three rays in
well-spread directions escape to infinity: 32 over the upper half of the sphere and 16 along the
horizon. Two choices differ from the plain rule over the whole sphere:

- **What is open below only is solid.** Objects stand on the ground and are seen from above; an
  open-bottomed box, a car without an underside or a cushion without a base is filled. Under a table
  or a bed the horizon is free, so that stays outside; a recess with a rim all around it (inside the
  apron of a table, a bell-shaped lamp shade) is filled too.
- **A smallest thickness.** A wing made of one sheet has no inside at all, and a chair leg thinner
  than a cell would fall between cell centres. Where the solid around a surface sample is thinner
  than `MIN_THICKNESS` (the least that always holds a cell centre, also of a pole), balls of that
  diameter along its middle thicken it; everything else stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion
from scipy.spatial import cKDTree

from .formats.mesh import Mesh, face_normals
from .rays import RayScene, spread_directions

RESOLUTION = 64
COARSEST = 32  # grids are refined from here
ESCAPES_OUTSIDE = 3
MIN_THICKNESS = 1.45 / RESOLUTION
PROBES = 12_000
DENSE_SAMPLES = 80_000
PROBE_OFFSET = 1.5e-3
CHUNK = 65_536
_BLOCK = np.ones((3, 3, 3), bool)


def _directions() -> np.ndarray:
    """float64 [48, 3]: the upper half of 64 spread directions and 16 along the horizon.

    Far-apart directions follow one another, so that outside points are settled early.
    """
    sphere = spread_directions(64)
    turn = (np.arange(16) + 0.5) / 16 * 2 * np.pi
    horizon = np.stack([np.cos(turn), np.sin(turn), np.zeros(16)], axis=1)
    both = np.concatenate([sphere[sphere[:, 2] > 0], horizon])
    return both[np.arange(len(both)) * 19 % len(both)]


DIRECTIONS = _directions()


@dataclass(frozen=True)
class SurfaceSamples:
    """Points on the surface (float64 [N, 3]), unit normals [N, 3] and faces (int64 [N])."""

    points: np.ndarray
    normals: np.ndarray
    faces: np.ndarray


def sample_surface(mesh: Mesh, count: int, rng: np.random.Generator) -> SurfaceSamples:
    """`count` points spread evenly over the area of the mesh."""
    normals, areas = face_normals(mesh)
    total = np.cumsum(areas)
    # stratified: even coverage with few points, which plain random choice does not give
    steps = (np.arange(count) + rng.random(count)) / count * total[-1]
    faces = np.minimum(np.searchsorted(total, steps), len(areas) - 1)
    u, v = np.sqrt(rng.random((count, 1))), rng.random((count, 1))
    corners = mesh.triangles[faces]
    points = (1 - u) * corners[:, 0] + u * (1 - v) * corners[:, 1] + u * v * corners[:, 2]
    return SurfaceSamples(points, normals[faces], faces)


class Solid:
    """Tells which points are inside a mesh in object space.

    min_thickness: parts thinner than this are thickened to it, in units of the box's diagonal.
    """

    def __init__(
        self,
        mesh: Mesh,
        rng: np.random.Generator,
        scene: RayScene | None = None,
        min_thickness: float = MIN_THICKNESS,
    ) -> None:
        self.mesh = mesh
        self.min_thickness = min_thickness
        self.scene = scene or RayScene(mesh)
        self.low, self.high = mesh.bounds
        probes = sample_surface(mesh, PROBES, rng)
        self.samples = sample_surface(mesh, DENSE_SAMPLES, rng)
        offsets, self.thin = spread_offsets(self.samples, probes, self.middle_offsets(probes))
        middles = (self.samples.points + offsets[:, None] * self.samples.normals)[self.thin]
        self.tree = cKDTree(middles) if len(middles) else None

    def inside(self, points: np.ndarray) -> np.ndarray:
        """bool [N] for points [N, 3]: inside the solid or within the thickened thin parts."""
        points = np.asarray(points, np.float64)
        result = np.zeros(len(points), bool)
        for start in range(0, len(points), CHUNK):
            part = slice(start, start + CHUNK)
            thick = self._in_thickened(points[part])
            rest = np.nonzero(~thick)[0]
            thick[rest] = self.inside_by_rays(points[part][rest])
            result[part] = thick
        return result

    def inside_by_rays(self, points: np.ndarray) -> np.ndarray:
        """bool [N]: the rule of rays and floor alone, without any thickening."""
        result = np.zeros(len(points), bool)
        left = np.nonzero(((points >= self.low) & (points <= self.high)).all(axis=1))[0]
        escaped = np.zeros(len(left), np.int16)
        for direction in DIRECTIONS:
            if not len(left):
                break
            free = self.scene.escapes(points[left], np.broadcast_to(direction, (len(left), 3)))
            escaped += free
            going = escaped < ESCAPES_OUTSIDE
            left, escaped = left[going], escaped[going]
        result[left] = True
        return result

    def middle_offsets(self, samples: SurfaceSamples) -> np.ndarray:
        """float64 [N]: way along the normal from a sample to the middle of a part that is thin.

        NaN where the part is thick enough, 0 for a sheet without inside. A point a little below
        the surface (on either side, normals of packages are not to be trusted) that is inside means
        a solid there, as thick as the way to the next surface. But where the solid is still there
        `min_thickness` below, nothing has to be thickened, whatever faces or narrow gaps it hides.
        """
        offsets = np.zeros(len(samples.points))
        for side in (-1.0, 1.0):
            inward = samples.normals * side
            below = samples.points + inward * PROBE_OFFSET
            solid = np.nonzero(self.inside_by_rays(below))[0]
            hits = self.scene.first_hits(below[solid], inward[solid])
            depth = np.full(len(solid), np.nan)
            depth[hits.rays] = hits.distances + PROBE_OFFSET
            thin = depth < self.min_thickness
            offsets[solid] = np.where(thin, side * depth / 2, np.nan)
        for side in (-1.0, 1.0):
            deep = samples.points + samples.normals * side * self.min_thickness
            offsets[self.inside_by_rays(deep)] = np.nan
        return offsets

    def _in_thickened(self, points: np.ndarray) -> np.ndarray:
        result = np.zeros(len(points), bool)
        if self.tree is None:
            return result
        reach = self.min_thickness / 2
        near = np.nonzero(
            ((points >= self.low - reach) & (points <= self.high + reach)).all(axis=1)
        )[0]
        distances, _ = self.tree.query(points[near], distance_upper_bound=reach)
        result[near] = np.isfinite(distances)
        return result


def spread_offsets(
    dense: SurfaceSamples, probes: SurfaceSamples, probe_offsets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Carry the offsets of `probes` over to `dense` samples that lie beside them and face alike.

    Returns offsets float64 [N] and which samples are on a thin part, bool [N].
    """
    _, nearest = cKDTree(probes.points).query(dense.points, k=4)
    alike = np.einsum("nd,nkd->nk", dense.normals, probes.normals[nearest]) > 0.5
    found = alike.any(axis=1)
    chosen = nearest[np.arange(len(nearest)), alike.argmax(axis=1)]
    offsets = np.where(found, probe_offsets[chosen], np.nan)
    thin = ~np.isnan(offsets)
    return np.where(thin, offsets, 0.0), thin


def grid_points(resolution: int = RESOLUTION) -> np.ndarray:
    """float64 [resolution³, 3]: cell centres (i + 0.5) / resolution - 0.5, x slowest, z fastest."""
    steps = (np.arange(resolution) + 0.5) / resolution - 0.5
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)


def occupancy_grid(solid: Solid, resolution: int = RESOLUTION) -> np.ndarray:
    """bool [resolution, resolution, resolution], index order x, y, z, of the cube [-0.5, 0.5]³.

    Only what can differ from a coarser grid is asked anew: cells at the border of the coarser
    solid and cells near the surface; so the cost grows with the surface. `resolution` is 32 times
    a power of two.
    """
    if resolution % COARSEST or (resolution // COARSEST).bit_count() != 1:
        raise ValueError(f"resolution {resolution} is not {COARSEST} times a power of two")
    level = COARSEST
    grid = solid.inside(grid_points(level)).reshape((level,) * 3)
    while level < resolution:
        level *= 2
        active = _split(_border(grid) | _near_samples(solid, level // 2))
        grid = _split(grid)
        centres = (np.argwhere(active) + 0.5) / level - 0.5
        grid[active] = solid.inside(centres)
    return grid


def _split(grid: np.ndarray) -> np.ndarray:
    """Every cell of bool [n, n, n] as 2 x 2 x 2 cells."""
    return grid.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)


def _border(grid: np.ndarray) -> np.ndarray:
    """Cells of bool [n, n, n] that have a cell of the other kind among their 26 neighbours."""
    return binary_dilation(grid, _BLOCK) & ~binary_erosion(grid, _BLOCK, border_value=1)


def _near_samples(solid: Solid, resolution: int) -> np.ndarray:
    """Cells with a surface sample in them or beside them, bool [n, n, n]."""
    cells = np.zeros((resolution,) * 3, bool)
    places = ((solid.samples.points + 0.5) * resolution).astype(np.int64)
    cells[tuple(places.clip(0, resolution - 1).T)] = True
    return binary_dilation(cells, _BLOCK)


def surface_points(
    solid: Solid, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Points near the surface for training, with their occupancy.

    Half are spread by sigma 0.01 and half by 0.03 around surface samples; samples of thin parts
    are three times as likely as their area says. Returns float16 [count, 3] and bool [count]; the
    occupancy is that of the rounded points, so that what is stored is exact.
    """
    weights = np.where(solid.thin, 3.0, 1.0)
    chosen = rng.choice(len(weights), count, p=weights / weights.sum())
    sigma = np.where(np.arange(count) % 2 == 0, 0.01, 0.03)[:, None]
    points = solid.samples.points[chosen] + rng.normal(size=(count, 3)) * sigma
    stored = np.clip(points, -0.55, 0.55).astype(np.float16)
    return stored, solid.inside(stored.astype(np.float64))

"""Solids with a known paint, photographed by rays: what baking is measured against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bozzetto.inference.types import ColourSource, Pinhole, PolygonMesh

BACKDROP = (0, 255, 0)
"""Under the transparent pixels: must never be seen on a mesh."""


@dataclass(frozen=True)
class Solid:
    """A box (or the ellipsoid in it) of quads, its corners in a texture, and its ray test."""

    centre: np.ndarray
    half: np.ndarray
    is_round: bool = False
    steps: int = 12

    def mesh(self) -> PolygonMesh:
        """steps x steps quads on each of six sides, joined where they meet."""
        grid = np.linspace(-1, 1, self.steps + 1)
        vertices, corners = [], []
        cells = np.arange(self.steps)
        i, j = (part.reshape(-1) for part in np.meshgrid(cells, cells, indexing="ij"))
        line = self.steps + 1
        for side in range(6):
            axis, sign = side // 2, 1 - 2 * (side % 2)
            u, v = np.meshgrid(grid, grid, indexing="ij")
            at = np.empty((*u.shape, 3))
            at[..., axis] = sign
            at[..., (axis + 1) % 3], at[..., (axis + 2) % 3] = u, v * sign
            first = len(vertices) * line**2 + i * line + j
            corners.append(np.stack((first, first + line, first + line + 1, first + 1), axis=1))
            vertices.append(at.reshape(-1, 3))
        places = np.concatenate(vertices)
        _, index, number = np.unique(
            np.round(places * 1e6).astype(int), axis=0, return_index=True, return_inverse=True
        )
        places = places[index]
        if self.is_round:
            places /= np.linalg.norm(places, axis=1, keepdims=True)
        joined = number.reshape(-1)[np.concatenate(corners)].reshape(-1)
        quads = np.full(6 * self.steps**2, 4, np.int32)
        placed = (places * self.half + self.centre).astype(np.float32)
        return PolygonMesh(placed, joined.astype(np.int32), quads)

    def uv(self, column: int = 0, columns: int = 1) -> np.ndarray:
        """float32 [L, 2]: six charts in three columns and two rows of one of some equal strips."""
        cells = np.arange(self.steps)
        i, j = (part.reshape(-1) for part in np.meshgrid(cells, cells, indexing="ij"))
        square = np.stack((i, j), axis=1)[:, None] + np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
        chart = 0.04 + 0.92 * square.reshape(-1, 2) / self.steps
        charts = [(chart + (side % 3, side // 3)) / (3, 2) for side in range(6)]
        whole = np.concatenate(charts)
        whole[:, 0] = (whole[:, 0] + column) / columns
        return whole.astype(np.float32)

    def hit(self, eye: np.ndarray, rays: np.ndarray) -> np.ndarray:
        """float [N]: how far along rays [N, 3] the solid begins, inf: never."""
        start, along = (eye - self.centre) / self.half, rays / self.half
        if self.is_round:
            a, b = (along**2).sum(axis=1), along @ start
            root = b**2 - a * (start @ start - 1)
            return np.where(root >= 0, (-b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
        with np.errstate(divide="ignore"):
            ends = (np.array([[-1.0], [1.0]])[:, None] - start) / along
        first, last = ends.min(axis=0).max(axis=1), ends.max(axis=0).min(axis=1)
        return np.where(first < last, first, np.inf)


def join(solids: list[Solid]) -> tuple[PolygonMesh, np.ndarray]:
    """One mesh of them all, and the places of its corners."""
    meshes = [solid.mesh() for solid in solids]
    shifts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    mesh = PolygonMesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([m.corners + n for m, n in zip(meshes, shifts, strict=False)]).astype(
            np.int32
        ),
        np.concatenate([mesh.sizes for mesh in meshes]),
    )
    uv = [solid.uv(column, len(solids)) for column, solid in enumerate(solids)]
    return mesh, np.concatenate(uv)


def orbit(
    azimuth: float, elevation: float, distance: float = 5.0, half_side: float = 0.3
) -> Pinhole:
    """A camera that looks at the origin, degrees as of `types.Camera`."""
    a, e = np.radians([azimuth, elevation])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    forward = np.array([-np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), -np.sin(e)])
    axes = tuple(tuple(axis.tolist()) for axis in (right, np.cross(right, forward), forward))
    return Pinhole(tuple((-distance * forward).tolist()), axes, half_side, (0.01, -0.02))


def photograph(solids, paints, pinhole, side=256, mirror=None, fine=4) -> ColourSource:
    """What the pinhole sees, fine x fine rays a pixel.

    paints: a function for each solid, points [N, 3] -> sRGB-encoded colours [N, 3] in 0..1.
    """
    across = (np.arange(side * fine) + 0.5) / (side * fine) * 2 - 1
    x, y = np.meshgrid(across, -across)
    plane = np.stack((x.reshape(-1), y.reshape(-1)), axis=1) * pinhole.half_side + pinhole.centre
    axes, eye = np.array(pinhole.axes), np.array(pinhole.eye)
    rays = plane @ axes[:2] + axes[2]
    far = np.stack([solid.hit(eye, rays) for solid in solids])
    which, far = far.argmin(axis=0), far.min(axis=0)
    rgba = np.zeros((len(rays), 4))
    for number, paint in enumerate(paints):
        hit = np.flatnonzero((which == number) & np.isfinite(far))
        rgba[hit, :3] = paint(eye + far[hit, None] * rays[hit])
        rgba[hit, 3] = 1
    rgba = rgba.reshape(side, fine, side, fine, 4).mean(axis=(1, 3))
    alpha = rgba[..., 3:]
    # the straight colour of a mixed pixel still holds some backdrop, as a careless cut does
    spill = np.array(BACKDROP) / 255 * (1 - alpha)
    rgba[..., :3] = np.clip(rgba[..., :3] + spill, 0, 1)
    return ColourSource(np.round(rgba * 255).astype(np.uint8), pinhole, mirror)


def read_texture(texture: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """float [N, 3] in 0..255: the texel at each place [N, 2], v up."""
    side = len(texture)
    column = np.clip((uv[:, 0] * side).astype(int), 0, side - 1)
    row = np.clip(((1 - uv[:, 1]) * side).astype(int), 0, side - 1)
    return texture[row, column, :3].astype(float)

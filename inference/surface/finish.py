"""From an extracted surface to the delivered base mesh."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..types import BaseMesh, Cancel, Field, Progress, Surface, no_progress
from .caps import SAFE_HEIGHT, remove_caps
from .collapse import collapse_short_edges, spread_short_edges
from .fair import fair_surface
from .fields import check_bounds, evaluate_field
from .mirror import find_mirror
from .project import project_vertices
from .shells import ShellChoice, choose_shells
from .topology import (
    count_defects,
    cross_faces,
    drop_unused,
    list_edges,
    measure_edges,
    measure_volume,
    split_fans,
)

SHORTEST_EDGE = 1e-4
"""No delivered edge is shorter than this share of the box diagonal."""
SLIVER_SHARE = 0.2
"""Edges under this share of the median edge are collapsed: they only make slivers."""
MAX_HAUSDORFF, MAX_VOLUME_CHANGE = 1.0, 0.02
"""Bounds of what repair may change: in voxels, and as a share of the volume."""
FAIR_LIMIT, FAIR_FARTHEST = 0.5, 0.9
"""Voxels that fairing may move a vertex from the field's level, and from the raw surface."""
SPLIT_APART = 0.05
"""How far vertices move apart, in voxels, where solids touch in a point or an edge."""
UNKNOWN_DIAGONAL = 1.0
"""Box diagonal in metres where neither the artist nor the class tells the size."""


@dataclass(frozen=True)
class _Variant:
    """One way to finish a surface, still in object space, and how far it is from the raw one.

    faired: mean and largest way of the vertices by fairing, in voxels; None: it was left out.
    """

    vertices: np.ndarray
    faces: np.ndarray
    projected: bool
    faired: tuple[float, float] | None
    hausdorff: float
    volume_change: float

    @property
    def is_faithful(self) -> bool:
        return self.hausdorff <= MAX_HAUSDORFF and abs(self.volume_change) <= MAX_VOLUME_CHANGE


def finish_surface(
    surface: Surface,
    field: Field,
    *,
    diagonal: float = 0.0,
    size: float = 0.0,
    name: str,
    category: str = "",
    progress: Progress = no_progress,
    cancel: Cancel | None = None,
) -> BaseMesh:
    """The base mesh that an artist gets.

    Non-manifold vertices and edges are split, cavities, solids inside others and specks are left
    out (`shells`), short edges are collapsed, vertices are moved onto the field's level, bumps and
    terraces are smoothed by half a voxel at most (`fair`), triangles without height are removed
    (`caps`), and the result is scaled to metres and put on the floor. If that changed the surface
    by more than one voxel or 2 % of its volume, smoothing or moving or both are left out, and if
    that is not enough only edges shorter than allowed are collapsed; info says so.

    Parameters
    ----------
    surface: closed, object space, with report["cell"] (the voxel's length) and, where loose parts
        were joined, their number as report["joined"].
    field: the field it was extracted from.
    diagonal: length of the box diagonal in metres; 0: unknown, 1 metre is used.
    size: length of the longest side in metres; over 0 it takes precedence.
    name, category: of the object.

    Returns
    -------
    BaseMesh. info["mesh"]: vertices, faces, components, dropped_specks, removed_cavities,
    watertight, boundary_edges, non_manifold_edges, non_manifold_vertices, euler_characteristic,
    volume_m3, area_m2, dimensions_m, shortest_edge (share of the diagonal), hausdorff_voxels (an
    upper bound of the distance to the raw surface's kept shells), volume_change (share), projected,
    faired (None, or mean_voxels and max_voxels that it moved vertices),
    seconds. info["placement"]: scale (metres for one unit of object space) and ground (the point
    of object space that becomes the origin). info["messages"]: what the artist should know.

    Raises
    ------
    EmptyFieldError: the surface encloses no volume. WeightsError: values that are not finite.
    Cancelled.
    """
    started = time.perf_counter()
    cancel = cancel or Cancel()
    progress("finish", 0.0)
    cell = float(surface.report["cell"])
    raw_vertices = surface.vertices.astype(np.float64)
    raw_faces = _drop_degenerate(surface.faces.astype(np.int64))
    raw_vertices, raw_faces = split_fans(raw_vertices, raw_faces, apart=SPLIT_APART * cell)
    split = SPLIT_APART if len(raw_vertices) > len(surface.vertices) else 0.0
    shells = choose_shells(raw_vertices, raw_faces, cell)
    raw_vertices, number = drop_unused(raw_vertices, shells.faces)
    raw_faces = number[shells.faces]
    cancel.check()
    progress("finish", 0.2)

    chosen = _choose_variant(raw_vertices, raw_faces, field, cell, cancel)
    progress("finish", 0.8)
    cancel.check()
    lowest = SAFE_HEIGHT * float(np.linalg.norm(np.ptp(chosen.vertices, axis=0)))
    vertices, faces, moved = remove_caps(chosen.vertices, chosen.faces, lowest)
    placement = _choose_placement(vertices, diagonal, size)
    vertices = ((vertices - placement["ground"]) * placement["scale"]).astype(np.float32)
    info = {
        "mesh": {
            **measure_mesh(vertices, faces),
            "components": shells.components,
            "dropped_specks": shells.dropped_specks,
            "removed_cavities": shells.removed_cavities,
            "hausdorff_voxels": chosen.hausdorff + split + moved / cell,
            "volume_change": chosen.volume_change,
            "projected": chosen.projected,
            "faired": _describe_fairing(chosen),
            "seconds": time.perf_counter() - started,
        },
        "placement": placement,
        "messages": _list_messages(shells, chosen, int(surface.report.get("joined", 0))),
    }
    progress("finish", 1.0)
    return BaseMesh(vertices, faces.astype(np.int32), name, category, info)


def _choose_variant(
    vertices: np.ndarray, faces: np.ndarray, field: Field, cell: float, cancel: Cancel
) -> _Variant:
    """The first of ever gentler ways that stays true to the raw surface."""
    shape = _Shape(vertices, faces, field, cell, cancel)
    for projected, faired in ((True, True), (True, False), (False, True), (False, False)):
        variant = shape.finish(projected=projected, faired=faired)
        if variant.is_faithful:
            return variant
    return _Shape(vertices, faces, field, cell, cancel, gentle=True).finish()


def _drop_degenerate(faces: np.ndarray) -> np.ndarray:
    return faces[(faces != faces[:, [1, 2, 0]]).all(axis=1)]


class _Shape:
    """A raw surface whose short edges are collapsed, and what can be done to it further.

    gentle: only edges that are not allowed are collapsed.
    """

    def __init__(
        self,
        raw_vertices: np.ndarray,
        raw_faces: np.ndarray,
        field: Field,
        cell: float,
        cancel: Cancel,
        *,
        gentle: bool = False,
    ) -> None:
        self._raw, self._field, self._cell, self._cancel = raw_vertices, field, cell, cancel
        self._raw_volume = measure_volume(raw_vertices, raw_faces)
        self._shortest = shortest = (
            1.1 * SHORTEST_EDGE * float(np.linalg.norm(np.ptp(raw_vertices, axis=0)))
        )
        if not gentle:
            lengths = measure_edges(raw_vertices, list_edges(raw_faces, len(raw_vertices)).edges)
            shortest = max(shortest, SLIVER_SHARE * float(np.median(lengths)))
        vertices, faces, drawn = collapse_short_edges(raw_vertices, raw_faces, shortest)
        cancel.check()
        vertices, number = drop_unused(vertices, faces)
        self._faces, self._drawn = number[faces], number[drawn]
        self._plain = spread_short_edges(vertices, self._faces, self._shortest)
        self._box = check_bounds(field)
        self._moved: np.ndarray | None = None

    def finish(self, *, projected: bool = False, faired: bool = False) -> _Variant:
        """Project the vertices onto the field's level, then fair the surface, where asked."""
        start = vertices = self._project() if projected else self._plain
        way = None
        if faired:
            self._cancel.check()
            vertices = self._fair(start)
            length = np.linalg.norm(vertices - start, axis=1) / self._cell
            way = float(length.mean()), float(length.max())
        # The finished surface is the image of the raw one under a map that is linear on every face,
        # so no point of either is farther from the other than the farthest-moved vertex.
        moved = np.linalg.norm(vertices[self._drawn] - self._raw, axis=1).max()
        change = measure_volume(vertices, self._faces) / self._raw_volume - 1
        return _Variant(
            vertices, self._faces, projected, way, float(moved / self._cell), float(change)
        )

    def _project(self) -> np.ndarray:
        if self._moved is None:
            level = np.float32(self._field.level)
            self._moved = project_vertices(
                self._plain,
                self._faces,
                lambda points: (
                    evaluate_field(self._field, points, cancel=self._cancel).astype(np.float64)
                    - level
                ),
                cell=self._cell,
                box=self._box,
                shortest=self._shortest,
            )
        return self._moved

    def _fair(self, start: np.ndarray) -> np.ndarray:
        low, high = self._box
        return fair_surface(
            start,
            self._faces,
            cell=self._cell,
            limit=FAIR_LIMIT,
            shortest=self._shortest,
            box=self._box,
            before=self._plain,
            farthest=FAIR_FARTHEST,
            mirror=find_mirror(start, float(low[0] + high[0]) / 2, self._cell),
        )


def _choose_placement(vertices: np.ndarray, diagonal: float, size: float) -> dict[str, Any]:
    """Scale and ground that give metres, lowest z 0, and the box's middle over the origin."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    if size > 0:
        scale = size / float((high - low).max())
    else:
        scale = (diagonal if diagonal > 0 else UNKNOWN_DIAGONAL) / float(np.linalg.norm(high - low))
    ground = [float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2, float(low[2])]
    return {"scale": float(scale), "ground": ground}


def measure_mesh(vertices: np.ndarray, faces: np.ndarray) -> dict[str, Any]:
    """Statistics of a mesh in metres (plain JSON types), counted anew from its arrays.

    vertices: float [V, 3]. faces: int [F, 3].
    """
    vertices, faces = vertices.astype(np.float64), faces.astype(np.int64)
    table = list_edges(faces, len(vertices))
    defects, edges = count_defects(faces, len(vertices), table), table.edges
    extent = np.ptp(vertices, axis=0)
    shortest = float(measure_edges(vertices, edges).min())
    return {
        "vertices": len(vertices),
        "faces": len(faces),
        **defects,
        "watertight": not any(defects.values()),
        "euler_characteristic": len(vertices) - len(edges) + len(faces),
        "volume_m3": measure_volume(vertices, faces),
        "area_m2": float(np.linalg.norm(cross_faces(vertices, faces), axis=1).sum() / 2),
        "dimensions_m": [float(length) for length in extent],
        "shortest_edge": shortest / float(np.linalg.norm(extent)),
    }


def _describe_fairing(chosen: _Variant) -> dict[str, float] | None:
    if chosen.faired is None:
        return None
    mean, most = chosen.faired
    return {"mean_voxels": mean, "max_voxels": most}


def _list_messages(shells: ShellChoice, chosen: _Variant, joined: int) -> list[str]:
    messages = []
    if joined:
        messages.append(f"Loose parts joined to the shape: {joined}.")
    if shells.components > 1:
        messages.append(f"The shape has {shells.components} separate parts.")
    if shells.dropped_specks:
        messages.append(f"Specks left out: {shells.dropped_specks}.")
    if shells.removed_cavities:
        messages.append(f"Hidden inner shells left out: {shells.removed_cavities}.")
    if not chosen.projected:
        messages.append("Fine adjustment would have changed the shape too much and was left out.")
    if chosen.faired is None:
        messages.append("Smoothing would have changed the shape too much and was left out.")
    if not chosen.is_faithful:
        messages.append(
            f"Repair changed the shape by {chosen.hausdorff:.2f} voxels and "
            f"{chosen.volume_change:+.1%} of its volume; a higher resolution may help."
        )
    return messages

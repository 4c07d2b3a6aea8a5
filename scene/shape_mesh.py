"""A delivered mesh, shaped for the scene: face budget, size, the scene's unit."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ..inference.errors import InsertError, SettingsError
from ..inference.types import BaseMesh
from .mesh_arrays import fill_mesh, read_triangles

TOLERANCE = 0.1
"""Share by which the number of faces may miss the budget."""
SMOOTH_ANGLE = math.radians(40.0)
_MIN_BUDGET = 4
_ATTEMPTS = 6


@dataclass(frozen=True)
class ShapeSettings:
    """How a mesh is shaped before it is inserted; changing it never runs the network again.

    face_budget: number of triangles wanted; 0: as extracted. size: length of the longest side in
    metres; 0: as generated. smooth_angle: edges sharper than this many radians stay sharp.
    """

    face_budget: int = 0
    size: float = 0.0
    smooth_angle: float = SMOOTH_ANGLE

    def __post_init__(self) -> None:
        """Check every field. Raises SettingsError."""
        if self.face_budget != 0 and self.face_budget < _MIN_BUDGET:
            raise SettingsError(
                f"A face budget of {self.face_budget} is out of range.",
                f"Use {_MIN_BUDGET} or more, or 0 for all faces.",
            )
        if not 0.0 <= self.size <= 10_000.0:  # also refuses nan
            raise SettingsError(f"size {self.size!r} is out of range.", "Use 0 to 10000 metres.")
        if not 0.0 <= self.smooth_angle <= math.pi + 1e-6:  # Blender's float of pi is larger
            raise SettingsError(
                f"smooth_angle {self.smooth_angle!r} is out of range.",
                "It is in radians, 0 to pi: math.radians(40) gives 40 degrees.",
            )


@dataclass(frozen=True)
class ShapedMesh:
    """What is inserted: Blender units, lowest z is 0.

    vertices: float32 [V, 3]. faces: int32 [F, 3], outward. messages: what could not be reached.
    """

    vertices: np.ndarray
    faces: np.ndarray
    messages: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)


def shape_mesh(
    mesh: BaseMesh, settings: ShapeSettings | None = None, *, scale_length: float = 1.0
) -> ShapedMesh:
    """The mesh within the face budget, at the wanted size, in Blender units.

    scale_length: metres in one Blender unit. With the default settings the vertices are those of
    `mesh`, bit for bit. Decimation keeps floor, ground centre and longest side. Nothing is left
    behind in Blender's data. Raises InsertError when the mesh is empty or damaged.
    """
    settings = settings or ShapeSettings()
    _check_arrays(mesh)
    vertices, faces, messages = mesh.vertices, mesh.faces, []
    if settings.face_budget:
        vertices, faces = _decimate(vertices, faces, settings.face_budget)
        if len(faces) > settings.face_budget * (1 + TOLERANCE):
            messages.append(
                f"{len(faces):,} faces: the budget of {settings.face_budget:,} was not reached "
                "without breaking the surface."
            )
        elif len(faces) < settings.face_budget * (1 - TOLERANCE):
            messages.append(
                f"{len(faces):,} faces, fewer than the budget of {settings.face_budget:,}: "
                "a higher resolution gives more."
            )
    factor = _find_factor(mesh.vertices, settings.size) / scale_length
    if factor != 1.0:
        vertices = (vertices * np.float64(factor)).astype(np.float32)
    report = {
        "faces": len(faces),
        "vertices": len(vertices),
        "face_budget": settings.face_budget,
        "scale": factor,  # from metres as generated to Blender units
    }
    return ShapedMesh(vertices, faces, tuple(messages), report)


def _check_arrays(mesh: BaseMesh) -> None:
    """Blender does not check indices; wrong ones crash it."""
    vertices, faces = mesh.vertices, mesh.faces
    if len(vertices) < 4 or len(faces) < 4:
        raise InsertError("The result has no volume.", "Choose another picture.")
    if not np.isfinite(vertices).all() or faces.min() < 0 or faces.max() >= len(vertices):
        raise InsertError("The result is damaged.", "Generate again.")


def _find_factor(vertices: np.ndarray, size: float) -> float:
    if not size:
        return 1.0
    longest = float((vertices.max(0) - vertices.min(0)).max())
    if longest <= 0.0:
        raise InsertError("The result has no size.", "Choose another picture.")
    return size / longest


def _decimate(
    vertices: np.ndarray, faces: np.ndarray, budget: int
) -> tuple[np.ndarray, np.ndarray]:
    """Collapse edges by Blender's Decimate until about `budget` triangles are left.

    Where the surface is not manifold Decimate keeps more than it was asked for: then it is asked
    for less. The result stands where the original stood, with the same longest side.
    """
    if len(faces) <= budget:
        return vertices, faces
    ratio, best = budget / len(faces), None
    with _decimator(vertices, faces) as decimate:
        for _ in range(_ATTEMPTS):
            candidate = _drop_flat_shells(*decimate(ratio))
            miss = abs(len(candidate[1]) - budget)
            if len(candidate[1]) and (best is None or miss < abs(len(best[1]) - budget)):
                best = candidate
            if miss <= budget * TOLERANCE / 2:
                break
            ratio = min(max(ratio * budget / max(len(candidate[1]), 1), 1e-6), 1.0)
    if best is None:
        raise InsertError(
            f"Decimate left nothing at a budget of {budget} faces.", "Raise the face budget."
        )
    return _restore_box(best[0], vertices), best[1]


def _restore_box(vertices: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Scale evenly to the original's longest side; put on its floor, over its ground centre."""
    low, high = original.min(0).astype(np.float64), original.max(0).astype(np.float64)
    new_low, new_high = vertices.min(0).astype(np.float64), vertices.max(0).astype(np.float64)
    factor = (high - low).max() / max((new_high - new_low).max(), 1e-12)
    anchor = np.append((low + high)[:2] / 2, low[2])
    new_anchor = np.append((new_low + new_high)[:2] / 2, new_low[2])
    return ((vertices - new_anchor) * factor + anchor).astype(np.float32)


@contextlib.contextmanager
def _decimator(
    vertices: np.ndarray, faces: np.ndarray
) -> Iterator[Callable[[float], tuple[np.ndarray, np.ndarray]]]:
    """Gives a function from a ratio to the triangles that Decimate leaves.

    The mesh hangs in the current scene meanwhile. In a scene of its own Blender 4.3 crashes when
    the redo panel runs an operator that makes it, removes it and then fails.
    """
    mesh = bpy.data.meshes.new(".bozzetto")
    holder = bpy.data.objects.new(".bozzetto", mesh)
    try:
        fill_mesh(mesh, vertices, faces)
        bpy.context.scene.collection.objects.link(holder)
        modifier = holder.modifiers.new("Decimate", "DECIMATE")
        modifier.use_collapse_triangulate = True

        def decimate(ratio: float) -> tuple[np.ndarray, np.ndarray]:
            modifier.ratio = ratio
            evaluated = holder.evaluated_get(bpy.context.evaluated_depsgraph_get())
            try:
                return read_triangles(evaluated.to_mesh())
            finally:
                evaluated.to_mesh_clear()

        yield decimate
    finally:
        bpy.data.objects.remove(holder)
        bpy.data.meshes.remove(mesh)


def _drop_flat_shells(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Without faces that share all three corners: what Decimate leaves of specks.

    They go in pairs, back and front, so that a closed surface stays closed.
    """
    _, group, count = np.unique(
        np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    kept = faces[count[group.ravel()] % 2 == 1]
    if len(kept) == len(faces):
        return vertices, faces
    used, corners = np.unique(kept, return_inverse=True)
    return vertices[used], corners.reshape(-1, 3).astype(np.int32)

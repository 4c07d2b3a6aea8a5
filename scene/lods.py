"""Levels of detail: the same shape with ever fewer faces."""

from __future__ import annotations

from dataclasses import replace

from ..inference.types import BaseMesh
from .shape_mesh import ShapedMesh, ShapeSettings, shape_mesh
from .topology.choose import choose_budget

LEAST_FACES = 64
"""No level is asked for fewer: what is left then is no shape any more."""


def make_lods(
    mesh: BaseMesh, settings: ShapeSettings, count: int, *, scale_length: float = 1.0
) -> list[ShapedMesh]:
    """At most `count` meshes: the one that `shape_mesh` gives, then each with half the faces.

    Every level is made from the whole result, not from the level before. There are fewer where a
    level would have under LEAST_FACES. Raises InsertError.
    """
    levels = [shape_mesh(mesh, settings, scale_length=scale_length)]
    budget = choose_budget(mesh.faces, settings.topology, settings.face_budget)
    for _ in range(count - 1):
        budget //= 2
        if budget < LEAST_FACES:
            break
        level = replace(settings, face_budget=budget)
        levels.append(shape_mesh(mesh, level, scale_length=scale_length))
    return levels[:count]

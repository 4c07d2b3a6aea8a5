"""What Blender knows of a generated object, as plain facts. Needs bpy and numpy alone."""

from __future__ import annotations

from typing import Any

from .appearance import measure_colours, measure_material
from .arrays import MeshArrays, read_arrays
from .deviation import measure_deviation
from .manifold import measure_manifold
from .placement import measure_placement, measure_shading
from .polygons import measure_polygons
from .symmetry import measure_symmetry
from .uvs import measure_uvs


def measure_object(
    item: Any,
    *,
    smooth_angle: float,
    scale_length: float = 1.0,
    original: MeshArrays | None = None,
    voxel: float = 0.0,
    mirror: float = 0.0,
) -> dict[str, Any]:
    """Facts of a mesh object by group, plain JSON types; `rules` judges them.

    item: a `bpy.types.Object`, in Object Mode. smooth_angle: radians, as it was shaped with.
    scale_length: metres in one Blender unit. original: the mesh as it was extracted, in the same
    space. voxel: the side of its voxels there, 0 where unknown. mirror: x of the plane in which a
    symmetric object mirrors itself.
    """
    mesh = item.data
    arrays = read_arrays(mesh)
    facts = {
        "mesh": measure_manifold(mesh, arrays),
        "polygons": measure_polygons(arrays),
        "placement": measure_placement(item, arrays, scale_length=scale_length),
        "shading": measure_shading(mesh, smooth_angle),
        "uv": measure_uvs(mesh, arrays),
        "material": measure_material(mesh),
        "colours": measure_colours(mesh),
    }
    facts["symmetry"] = {"error": measure_symmetry(arrays, mirror)}
    if original is not None:
        facts["deviation"] = measure_deviation(arrays, original, voxel=voxel)
    return facts

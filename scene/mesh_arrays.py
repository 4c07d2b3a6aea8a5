"""Triangles between numpy arrays and Blender's meshes."""

from __future__ import annotations

import bpy
import numpy as np


def fill_mesh(mesh: bpy.types.Mesh, vertices: np.ndarray, faces: np.ndarray) -> None:
    """Fill an empty mesh. vertices: float32 [V, 3]. faces: int32 [F, 3], indices in range.

    Through the attributes where the arrays are copied as they are: by `vertices` and `loops` they
    are set one by one, which holds up the window for a tenth of a second.
    """
    mesh.vertices.add(len(vertices))
    places = mesh.attributes["position"].data
    places.foreach_set("vector", np.ascontiguousarray(vertices, np.float32).ravel())
    mesh.loops.add(faces.size)
    corners = mesh.attributes[".corner_vert"].data
    corners.foreach_set("value", np.ascontiguousarray(faces, np.int32).ravel())
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    mesh.update(calc_edges=True)


def find_bad_faces(faces: np.ndarray) -> int:
    """How many triangles int32 [F, 3] Blender would refuse: a vertex twice, or there already.

    What `Mesh.validate` finds in arrays whose indices are in range, in a fifth of its time.
    """
    ordered = np.sort(faces, axis=1).astype(np.int64)
    low, middle, high = ordered.T
    sound = (low != middle) & (middle != high)
    count = int(faces.max(initial=0)) + 1
    keys = np.sort((low[sound] * count + middle[sound]) * count + high[sound])
    twice = int((keys[1:] == keys[:-1]).sum())
    return int((~sound).sum()) + twice


def read_vertices(mesh: bpy.types.Mesh) -> np.ndarray:
    """Float32 [V, 3]."""
    vertices = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_get("co", vertices.ravel())
    return vertices


def read_triangles(mesh: bpy.types.Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Vertices float32 [V, 3] and triangles int32 [F, 3]; larger faces are split."""
    mesh.calc_loop_triangles()
    faces = np.empty((len(mesh.loop_triangles), 3), np.int32)
    mesh.loop_triangles.foreach_get("vertices", faces.ravel())
    return read_vertices(mesh), faces

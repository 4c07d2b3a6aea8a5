"""Makes Infinigen's shapes of one class. Runs in the environment `.envs/infinigen` only.

    python -m bozzetto.tools.infinigen.runner MODULE:FACTORY FOLDER SEED [SEED ...]

For every seed it prints `shape: start SEED`, then `shape: good SEED TRIANGLES` or
`shape: bad SEED REASON`, so that whoever started it can end it when a shape takes too
long. A good shape is FOLDER/SEED.npz:

- vertices float32 [V, 3] in metres, Infinigen's frame (Z up), faces int32 [F, 3];
- face_groups int32 [F], group_names str [G] (`part/material`),
  group_colours float32 [G, 3], sRGB.

Infinigen: Raistrick et al., "Infinite Photorealistic Worlds Using Procedural Generation",
CVPR 2023,
and "Infinigen Indoors", CVPR 2024.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import bpy
import numpy as np

from .decimation import decimate
from .node_colours import material_colour

MAX_TRIANGLES = 20_000
MOST_TRIANGLES = 60_000  # what is made of thousands of separate pieces cannot get as low
READABLE_TRIANGLES = 3_000_000


class ShapeError(ValueError):
    """A shape that is of no use; the message says why."""


def main(arguments: list[str]) -> None:
    """See the module."""
    factory_path, folder, *seeds = arguments
    folder_path = Path(folder)
    folder_path.mkdir(parents=True, exist_ok=True)
    factory = load_factory(factory_path)
    for seed in map(int, seeds):
        print(f"shape: start {seed}", flush=True)
        try:
            triangles = make_shape(factory, seed, folder_path / f"{seed:04d}.npz")
            print(f"shape: good {seed} {triangles}", flush=True)
        except Exception as error:  # Infinigen's factories fail in every way there is
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            print(f"shape: bad {seed} {reason}", flush=True)


def load_factory(path: str) -> type:
    """The factory class that `MODULE:FACTORY` names below `infinigen.assets.objects`."""
    from infinigen.core import init

    # Infinigen would fetch add-ons of Blender from the internet; none of our classes uses one.
    init.require_blender_addon = lambda *_, **__: False
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(f"infinigen.assets.objects.{module}"), name)


def make_shape(factory: type, seed: int, target: Path) -> int:
    """Generate, decimate and save one shape; the number of its triangles. Raises ShapeError."""
    from infinigen.core.util import blender
    from infinigen.core.util.math import FixedSeed

    blender.clear_scene()
    with FixedSeed(seed):
        maker = factory(seed)
        made = maker.spawn_asset(0)
        maker.finalize_assets([made])
    vertices, faces, groups, names, colours = collect(made)
    if len(faces) > MAX_TRIANGLES:
        vertices, faces, groups = decimate(vertices, faces, groups, MAX_TRIANGLES, simplify)
    if len(faces) > MOST_TRIANGLES:
        raise ShapeError(f"stays at {len(faces)} triangles")
    partial = target.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            vertices=vertices.astype(np.float32),
            faces=faces.astype(np.int32),
            face_groups=groups.astype(np.int32),
            group_names=np.array(names),
            group_colours=np.array(colours, np.float32),
        )
    os.replace(partial, target)
    return len(faces)


def simplify(vertices: np.ndarray, faces: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """By Blender's Decimate: vertices float [V, 3], faces int [F, 3] and how many are wanted."""
    mesh = bpy.data.meshes.new("part")
    mesh.from_pydata(vertices, (), faces)
    part = bpy.data.objects.new("part", mesh)
    try:
        bpy.context.scene.collection.objects.link(part)
        modifier = part.modifiers.new("fewer", "DECIMATE")
        modifier.ratio, modifier.use_collapse_triangulate = count / len(faces), True
        found = part.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
        found.calc_loop_triangles()
        points = np.empty(len(found.vertices) * 3, np.float32)
        found.vertices.foreach_get("co", points)
        corners = np.empty(len(found.loop_triangles) * 3, np.int32)
        found.loop_triangles.foreach_get("vertices", corners)
    finally:
        bpy.data.objects.remove(part)
        bpy.data.meshes.remove(mesh)
    return points.reshape(-1, 3), corners.reshape(-1, 3)


def collect(
    root: bpy.types.Object,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str], list[tuple[float, float, float]]]:
    """Triangles of an object, its children and their instances, all modifiers applied.

    Returns vertices [V, 3] and faces [F, 3] in the world, the group of every face, and the groups'
    names and colours. Raises ShapeError.
    """
    family = {root, *root.children_recursive}
    depsgraph = bpy.context.evaluated_depsgraph_get()
    vertices, faces, groups = [], [], []
    names: list[str] = []
    colours: list[tuple[float, float, float]] = []
    offset = total = 0
    for instance in depsgraph.object_instances:
        owner = instance.parent if instance.is_instance else instance.object
        if owner is None or owner.original not in family:
            continue
        if instance.object.type != "MESH":
            continue
        mesh = instance.object.to_mesh()
        mesh.calc_loop_triangles()
        count = len(mesh.loop_triangles)
        total += count
        if total > READABLE_TRIANGLES:
            raise ShapeError(f"more than {READABLE_TRIANGLES} triangles")
        if not count:
            continue
        points = np.empty(len(mesh.vertices) * 3)
        mesh.vertices.foreach_get("co", points)
        matrix = np.array(instance.matrix_world)
        corners = np.empty(count * 3, np.int32)
        mesh.loop_triangles.foreach_get("vertices", corners)
        slots = np.empty(count, np.int32)
        mesh.loop_triangles.foreach_get("material_index", slots)
        vertices.append(points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
        faces.append(corners.reshape(-1, 3) + offset)
        offset += len(points) // 3
        present, index = np.unique(slots, return_inverse=True)
        groups.append(index.reshape(-1) + len(names))
        for slot in present:
            material = mesh.materials[slot] if slot < len(mesh.materials) else None
            part = instance.object.name.split(".spawn_asset")[0]
            names.append(f"{part}/{material.name if material else ''}")
            colours.append(material_colour(material, names[-1]))
    if not faces:
        raise ShapeError("no triangles")
    all_vertices = np.concatenate(vertices)
    all_faces = np.concatenate(faces)
    if not np.isfinite(all_vertices[all_faces]).all():
        raise ShapeError("vertices that are not finite")
    return all_vertices, all_faces, np.concatenate(groups), names, colours


if __name__ == "__main__":
    main(sys.argv[1:])

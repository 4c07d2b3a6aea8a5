"""A shaped mesh becomes an object of the scene, or the scene stays as it was."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import bpy

from ..inference.errors import InsertError
from .coating import apply_coating
from .materials import make_material, remove_material
from .mesh_arrays import fill_mesh, find_bad_faces
from .preparation import Prepared
from .record import MARK, write_record

COLLECTION = "Bozzetto"
BATCH_MARK = "bozzetto_batch"
"""Key of the custom property on the collection of a batch."""


@dataclass(frozen=True)
class InsertOptions:
    """Where and how an object is inserted.

    location: of the object, in Blender units. select: select it alone and make it active.
    collection, batch: name and key of the collection of a batch, made when there is none with that
    key; empty: the scene's Bozzetto collection.
    """

    location: tuple[float, float, float] = (0.0, 0.0, 0.0)
    select: bool = True
    collection: str = ""
    batch: str = ""


def insert(
    prepared: Prepared,
    *,
    name: str,
    category: str,
    smooth_angle: float,
    record: dict[str, Any],
    scene: bpy.types.Scene,
    view_layer: bpy.types.ViewLayer | None,
    options: InsertOptions | None = None,
) -> bpy.types.Object:
    """Make the object, its mesh and its material, in the scene's Bozzetto collection.

    The vertices are taken as they are: facing -Y, on the floor, origin at the ground centre, in
    Blender units. name: of object and material. category: names the mesh. record: stored on the
    object, see `record`. view_layer: where it is selected; None: nowhere.
    On any error nothing is left behind. Raises InsertError.
    """
    options = options or InsertOptions()
    with contextlib.ExitStack() as undo:
        if find_bad_faces(prepared.shaped.mesh):
            raise InsertError("The result holds faces that Blender refuses.", "Generate again.")
        mesh = bpy.data.meshes.new(category or name)
        undo.callback(bpy.data.meshes.remove, mesh)
        fill_mesh(mesh, prepared.shaped.mesh)
        smooth_by_angle(mesh, smooth_angle)
        if prepared.coating is not None:
            apply_coating(mesh, prepared.coating)
        material = make_material(name, prepared.coating)
        undo.callback(remove_material, material)
        mesh.materials.append(material)
        item = bpy.data.objects.new(name, mesh)
        undo.callback(bpy.data.objects.remove, item)
        item.location = options.location
        write_record(item, record)
        collection = find_collection(scene, options.batch)
        if collection is None:
            collection = bpy.data.collections.new(options.collection or COLLECTION)
            undo.callback(bpy.data.collections.remove, collection)
            collection[BATCH_MARK if options.batch else MARK] = options.batch or True
            scene.collection.children.link(collection)
        collection.objects.link(item)
        if options.select and view_layer is not None:
            view_layer.update()  # it does not know the new object before
            select_alone(item, view_layer)
        undo.pop_all()
    return item


def find_collection(scene: bpy.types.Scene, batch: str = "") -> bpy.types.Collection | None:
    """The scene's own collection of generated objects, wherever the artist has put it.

    batch: key of a batch, whose collection is meant instead.
    """
    for collection in scene.collection.children_recursive:
        marked = collection.get(BATCH_MARK) == batch if batch else MARK in collection
        if marked and collection.is_editable:
            return collection
    return None


def select_alone(item: bpy.types.Object, view_layer: bpy.types.ViewLayer) -> None:
    """Select the object, and only it; does nothing where the view layer does not show it."""
    if view_layer.objects.get(item.name) != item:
        return
    for other in view_layer.objects:
        if other.select_get(view_layer=view_layer):
            other.select_set(False, view_layer=view_layer)
    item.select_set(True, view_layer=view_layer)
    view_layer.objects.active = item


def smooth_by_angle(mesh: bpy.types.Mesh, angle: float) -> None:
    """Smooth shading, with sharp edges where two faces meet at more than `angle` radians."""
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=angle)

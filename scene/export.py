"""Objects go into files of other programs, in metres, upright and facing as those expect it.

Blender's own exporters write; here are the settings that fit a base mesh.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
from mathutils import Matrix

from ..inference.errors import ExportError
from .packed_images import unpacked_images


@dataclass(frozen=True)
class Format:
    """A kind of file. write(path, unit): exports the selection; unit: metres of a Blender unit."""

    label: str
    description: str
    write: Callable[[str, float], object]
    operator: str
    """Of Blender, as `bpy.ops` counts them."""

    @property
    def available(self) -> bool:
        """Whether this Blender can write it."""
        group, name = self.operator.split(".")
        try:
            getattr(getattr(bpy.ops, group), name).get_rna_type()
        except (AttributeError, KeyError, RuntimeError):
            return False
        return True


def _write_glb(path: str, unit: float) -> None:
    with _in_metres(unit):  # it knows nothing of the scene's units
        bpy.ops.export_scene.gltf(
            filepath=path,
            export_format="GLB",
            use_selection=True,
            export_apply=True,
            # glTF multiplies them with the texture, which has these colours already
            export_vertex_color="MATERIAL",
            export_all_vertex_colors=False,
        )


def _write_fbx(path: str, unit: float) -> None:
    bpy.ops.export_scene.fbx(
        filepath=path,
        use_selection=True,
        object_types={"MESH"},
        mesh_smooth_type="FACE",
        path_mode="COPY",
        embed_textures=True,
        bake_anim=False,
    )


def _write_obj(path: str, unit: float) -> None:
    with unpacked_images(bpy.context.view_layer.objects.selected, Path(path).parent):
        bpy.ops.wm.obj_export(
            filepath=path, export_selected_objects=True, global_scale=unit, path_mode="COPY"
        )


def _write_stl(path: str, unit: float) -> None:
    bpy.ops.wm.stl_export(
        filepath=path,
        export_selected_objects=True,
        global_scale=1000 * unit,  # slicers take the numbers for millimetres
        forward_axis="Y",
        up_axis="Z",
    )


def _write_usd(path: str, unit: float) -> None:
    with _in_metres(unit):  # every version has another way with the scene's units
        bpy.ops.wm.usd_export(filepath=path, selected_objects_only=True, export_animation=False)


FORMATS: dict[str, Format] = {
    "glb": Format(
        "glTF Binary (.glb)",
        "For game engines, the web and most programs; metres, Y up",
        _write_glb,
        "export_scene.gltf",
    ),
    "fbx": Format("FBX (.fbx)", "For Unity, Unreal and Maya; Y up", _write_fbx, "export_scene.fbx"),
    "obj": Format(
        "Wavefront (.obj)", "For nearly every program; metres, Y up", _write_obj, "wm.obj_export"
    ),
    "stl": Format(
        "STL (.stl)", "For 3D printing; millimetres, Z up, no colours", _write_stl, "wm.stl_export"
    ),
    "usd": Format("USD (.usd)", "For Omniverse, Houdini and film", _write_usd, "wm.usd_export"),
}


def list_formats() -> list[str]:
    """Endings, without the dot, of the files that this Blender can write."""
    return [suffix for suffix, kind in FORMATS.items() if kind.available]


def export_objects(items: Sequence[bpy.types.Object], path: Path) -> list[Path]:
    """Write objects of the current scene into one file, whose ending decides the format.

    With their modifiers, and nothing else of the scene, which stays as it is. A file that is there
    is replaced. What belongs to the file, such as an OBJ's materials, comes beside it. Returns all
    that was written, the file itself first. Raises ExportError; nothing is written then.
    """
    kind, path = _find_format(path), path.absolute()
    if not items:
        raise ExportError("There is nothing to export.", "Select generated objects.")
    if not path.parent.is_dir():
        raise ExportError(f"The folder {str(path.parent)!r} does not exist.", "Make it first.")
    unit = bpy.context.scene.unit_settings.scale_length
    try:
        with (
            _selected(items, bpy.context.view_layer),
            tempfile.TemporaryDirectory(prefix=".bozzetto-", dir=path.parent) as folder,
        ):
            kind.write(str(Path(folder) / path.name), unit)
            made = sorted(Path(folder).iterdir(), key=lambda one: one.name != path.name)
            if not made or made[0].name != path.name:
                raise ExportError("Blender's exporter wrote no file.", "Look at its messages.")
            return [target for one in made for target in _move(one, path.parent / one.name)]
    except (OSError, RuntimeError) as error:
        raise ExportError(
            f"{path.name} cannot be written: {str(error).removeprefix('Error: ').strip()}.",
            "Choose another folder, or another name.",
        ) from error


def _move(source: Path, target: Path) -> list[Path]:
    """Move a file, or a folder's files into one that may be there; where they are then."""
    if not source.is_dir():
        os.replace(source, target)
        return [target]
    target.mkdir(exist_ok=True)
    return [new for one in sorted(source.iterdir()) for new in _move(one, target / one.name)]


def _find_format(path: Path) -> Format:
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise ExportError(f"{path.name!r} has no ending that is known.", f"Use one of {known}.")
    if not FORMATS[suffix].available:
        others = ", ".join(f".{name}" for name in list_formats())
        raise ExportError(f"This Blender cannot write .{suffix} files.", f"Use one of {others}.")
    return FORMATS[suffix]


@contextlib.contextmanager
def _selected(items: Sequence[bpy.types.Object], view_layer: bpy.types.ViewLayer) -> Iterator[None]:
    """Exactly these are selected meanwhile. Raises ExportError for one that cannot be."""
    view_layer.update()  # else what was just removed stands in its list as None
    before = [item for item in view_layer.objects if item.select_get(view_layer=view_layer)]
    active = view_layer.objects.active
    try:
        for item in before:
            item.select_set(False, view_layer=view_layer)
        for item in items:
            known = view_layer.objects.get(item.name) == item
            if known:
                item.select_set(True, view_layer=view_layer)
            if not known or not item.select_get(view_layer=view_layer):
                raise ExportError(f"{item.name!r} is hidden.", "Show it in this scene first.")
        view_layer.objects.active = items[0]
        yield
    finally:
        for item in items:
            if view_layer.objects.get(item.name) == item:
                item.select_set(False, view_layer=view_layer)
        for item in before:
            item.select_set(True, view_layer=view_layer)
        view_layer.objects.active = active


@contextlib.contextmanager
def _in_metres(unit: float) -> Iterator[None]:
    """Meanwhile a Blender unit is a metre, and what is selected has the size it had."""
    if unit == 1.0:
        yield
        return
    units, view_layer = bpy.context.scene.unit_settings, bpy.context.view_layer
    view_layer.update()  # for their places in the world
    kept = [
        (item, item.matrix_basis.copy(), Matrix.Scale(unit, 4) @ item.matrix_world)
        for item in view_layer.objects.selected
    ]
    length = units.scale_length
    try:
        units.scale_length = 1.0
        for item, _, wanted in sorted(kept, key=lambda row: _count_parents(row[0])):
            item.matrix_world = wanted
            view_layer.update()  # its children's places are counted from it
        yield
    finally:
        units.scale_length = length
        for item, basis, _ in kept:
            item.matrix_basis = basis
        view_layer.update()


def _count_parents(item: bpy.types.Object) -> int:
    return 0 if item.parent is None else 1 + _count_parents(item.parent)

"""Packed images as files beside an OBJ: its exporter names them, but does not write them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import bpy

_ENDINGS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


@contextlib.contextmanager
def unpacked_images(items: Sequence[bpy.types.Object], folder: Path) -> Iterator[None]:
    """What colours the objects is written into the folder, and the images name it meanwhile.

    Only packed images without a file of their own, and only kinds that other programs know. Raises
    OSError.
    """
    kept: list[tuple[bpy.types.Image, str]] = []
    try:
        for image in _list_packed(items):
            data = image.packed_file.data
            ending = next((end for head, end in _ENDINGS.items() if data.startswith(head)), "")
            if not ending:
                continue
            path = folder / f"{bpy.path.clean_name(image.name)}{ending}"
            path.write_bytes(data)
            kept.append((image, image.filepath_raw))
            image.filepath_raw = str(path)  # the raw one: Blender goes on with its pixels
        yield
    finally:
        for image, before in kept:
            image.filepath_raw = before


def _list_packed(items: Sequence[bpy.types.Object]) -> list[bpy.types.Image]:
    materials = {slot.material for item in items for slot in item.material_slots if slot.material}
    trees = [material.node_tree for material in materials if material.node_tree is not None]
    images = {node.image for tree in trees for node in tree.nodes if node.type == "TEX_IMAGE"}
    return sorted(
        (image for image in images if image is not None and _has_no_file(image)),
        key=lambda image: image.name,
    )


def _has_no_file(image: bpy.types.Image) -> bool:
    if image.packed_file is None:
        return False
    path = bpy.path.abspath(image.filepath_raw, library=image.library)
    return not path or not Path(path).is_file()

"""What the tests in this folder share. conftest.py loads it, as `blender_helpers`."""

import importlib
import os
import struct
import sys
import zlib
from pathlib import Path

import bpy
import numpy as np

ZIP = os.environ.get("BOZZETTO_TEST_ZIP", "")
PACKAGE = "bl_ext.user_default.bozzetto" if ZIP else "bozzetto"
# Weights for whole generations; empty: the bundled ones.
CHECKPOINT = os.environ.get("BOZZETTO_TEST_CHECKPOINT", "")
FAKE_WORKER = Path(__file__).with_name("fake_worker.py")
COLLECTIONS = ("objects", "meshes", "materials", "collections", "images", "scenes")


def enable():
    """Enable the extension as the artist does."""
    if ZIP and PACKAGE not in sys.modules:
        bpy.ops.extensions.package_install_files(
            filepath=os.path.abspath(ZIP), repo="user_default", enable_on_install=True
        )
    else:
        bpy.ops.preferences.addon_enable(module=PACKAGE)
    assert PACKAGE in bpy.context.preferences.addons, "the extension is not enabled"
    assert sys.modules[PACKAGE].__addon_enabled__


def disable():
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    assert PACKAGE not in bpy.context.preferences.addons


def start_blender(code, *arguments):
    """The command of another Blender that runs `code`, for which sys.argv[1:] are `arguments`."""
    if not bpy.app.binary_path:  # Blender as a module
        return [sys.executable, "-c", code, *arguments]
    code = "import sys; sys.argv[1:] = sys.argv[sys.argv.index('--') + 1:]\n" + code
    options = ["--background", "--factory-startup", "--python-exit-code", "1"]
    return [bpy.app.binary_path, *options, "--python-expr", code, "--", *arguments]


def part(name):
    """A module of the extension, such as "scene.insert"."""
    return importlib.import_module(f"{PACKAGE}.{name}")


def prepare(vertices, faces):
    """What `scene.insert` takes, of triangles and without colours."""
    polygons = part("inference.types").PolygonMesh.from_triangles(vertices, faces)
    return part("scene.preparation").Prepared(part("scene.shape_mesh").ShapedMesh(polygons))


def count_data():
    """How many datablocks of each kind the file has, by name."""
    return {kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in COLLECTIONS}


def read_vertices(item):
    vertices = np.empty((len(item.data.vertices), 3), np.float32)
    item.data.vertices.foreach_get("co", vertices.ravel())
    return vertices


def write_png(path, rgba):
    """Write uint8 [h, w, 4] as PNG: Blender's environment has no image library."""
    height, width = rgba.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(rgba, np.uint8))

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
    Path(path).write_bytes(data + chunk(b"IEND", b""))
    return Path(path)


def draw_chair(size=96):
    """uint8 [size, size, 4]: a crude chair before a transparent background."""
    rgba = np.zeros((size, size, 4), np.uint8)
    unit = size // 12

    def box(left, top, right, bottom, colour):
        rgba[top * unit : bottom * unit, left * unit : right * unit] = (*colour, 255)

    box(3, 1, 9, 6, (120, 70, 40))
    box(3, 6, 9, 7, (150, 95, 55))
    box(3, 7, 4, 11, (100, 60, 35))
    box(8, 7, 9, 11, (100, 60, 35))
    return rgba

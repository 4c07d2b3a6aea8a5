"""Files of which it is known what a validator must say: a validator that passes a hole is none.

A sound cube, the same with a face missing, with a face turned round and turned inside out, and a
.glb whose indices point nowhere. Standard library only.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .faults import FINDERS
from .tool import Validator

Faces = Sequence[tuple[int, int, int]]
# negative ones, too: PrusaSlicer takes a binary .stl without a byte over 127 for text
_CORNERS = [(x, y, z) for z in (0.0, 40.0) for y in (-20.0, 20.0) for x in (-20.0, 20.0)]
_CUBE: list[tuple[int, int, int]] = [
    (0, 2, 1), (1, 2, 3), (4, 5, 6), (5, 7, 6), (0, 1, 4), (1, 5, 4),
    (2, 6, 3), (3, 6, 7), (0, 4, 2), (2, 4, 6), (1, 3, 5), (3, 7, 5),
]  # fmt: skip


def _turn(face: tuple[int, int, int]) -> tuple[int, int, int]:
    return face[0], face[2], face[1]


_STL: dict[str, Faces] = {
    "sound": _CUBE,
    "hole": _CUBE[:-1],
    "turned": [_turn(_CUBE[0]), *_CUBE[1:]],
    "inside-out": [_turn(face) for face in _CUBE],
}
_CAUGHT: dict[str, tuple[str, ...]] = {
    "trimesh": ("hole", "turned", "inside-out"),
    "pymeshlab": ("hole", "inside-out"),  # it turns single faces round silently
    "manifold3d": ("hole", "turned", "inside-out"),
    "prusa-slicer": ("hole", "turned", "inside-out"),
    "prusa-slicing": (),  # it repairs without a word: that it slices the sound one is checked
    "trimesh-glb": ("hole",),
    "gltf-validator": ("wrong-index",),
}
"""The faulty controls that a validator has to catch."""


def write_stl(path: Path, faces: Faces) -> Path:
    """A binary .stl of faces between `_CORNERS`."""
    data = bytearray(b"\0" * 80 + struct.pack("<I", len(faces)))
    for face in faces:
        points = [value for corner in face for value in _CORNERS[corner]]
        data += struct.pack("<12fH", 0.0, 0.0, 0.0, *points, 0)
    path.write_bytes(data)
    return path


def write_glb(path: Path, faces: Faces) -> Path:
    """The smallest .glb of such faces; an index beyond the corners is written as it is."""
    indices = struct.pack(f"<{3 * len(faces)}H", *(corner for face in faces for corner in face))
    points = b"".join(struct.pack("<3f", *corner) for corner in _CORNERS)
    binary = points + indices
    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [{"byteLength": len(binary)}],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(points), "target": 34962},
            {
                "buffer": 0,
                "byteOffset": len(points),
                "byteLength": len(indices),
                "target": 34963,
            },
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": len(_CORNERS),
                "type": "VEC3",
                "min": list(_CORNERS[0]),
                "max": list(_CORNERS[-1]),
            },
            {
                "bufferView": 1,
                "componentType": 5123,
                "count": 3 * len(faces),
                "type": "SCALAR",
            },
        ],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    length = 12 + 8 + len(text) + 8 + len(binary)
    path.write_bytes(
        struct.pack("<4sII", b"glTF", 2, length)
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(binary), b"BIN\0")
        + binary
    )
    return path


def write_controls(folder: Path) -> dict[str, Path]:
    """All control files, by "name.kind"."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{name}.stl": faces for name, faces in _STL.items()}
    made = {name: write_stl(folder / name, faces) for name, faces in files.items()}
    for name, faces in (
        ("sound", _CUBE),
        ("hole", _CUBE[:-1]),
        ("wrong-index", [*_CUBE[:-1], (3, 7, 99)]),
    ):
        made[f"{name}.glb"] = write_glb(folder / f"{name}.glb", faces)
    return made


def find_blindness(validator: Validator, folder: Path) -> list[str]:
    """What a prepared validator says wrongly of the controls; empty: it can be believed."""
    controls = write_controls(folder).values()
    files = [path for path in controls if path.suffix[1:] == validator.kind]
    found = []
    for path, rule, facts in validator.judge(files):
        control = path.stem
        fault = facts.get("error") or FINDERS[rule](facts)
        if control == "sound" and fault:
            found.append(f"{rule} faults a sound cube: {fault}")
        elif control in _CAUGHT[rule] and not fault:
            found.append(f"{rule} passes the control {control}{path.suffix}")
    return found

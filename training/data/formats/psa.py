"""PSA, the animation format of the Pyrogenesis engine (0 A.D.).

Layout, little endian: `PSSA`, version, size, name, length of a frame, numbers of bones and frames,
then for each frame the state of every bone (translation, quaternion x, y, z, w), bone to mesh.
"""

from __future__ import annotations

import numpy as np

from .mesh import MeshError
from .pmd import MAX_BONES, BinaryReader

MAX_FRAMES = 20_000


def parse_psa(data: bytes, name: str) -> np.ndarray:
    """The bones in every frame: float64 [frames, bones, 7]; `name` is for messages.

    Raises MeshError, also for an animation without frames.
    """
    reader = BinaryReader(data, name)
    if reader.take(4) != b"PSSA":
        raise MeshError(f"{name}: not a PSA file")
    reader.take(8)
    reader.take(reader.unsigned(256, "letters in its name"))
    reader.take(4)
    bones = reader.unsigned(MAX_BONES, "bones")
    frames = reader.unsigned(MAX_FRAMES, "frames")
    if not frames:
        raise MeshError(f"{name}: no frames")
    return reader.floats(frames * bones, 7).reshape(frames, bones, 7)


def frame_at(frames: np.ndarray, fraction: float) -> np.ndarray:
    """The frame (float64 [bones, 7]) nearest below `fraction` (0-1) of the animation's length."""
    return frames[min(int(fraction * len(frames)), len(frames) - 1)]

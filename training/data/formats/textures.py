"""Decode texture pictures, small and bounded."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image

MAX_SIDE = 512
MAX_PIXELS = 64_000_000


def decode_texture(data: bytes) -> np.ndarray | None:
    """A picture file's bytes as uint8 [h, w, 3] with at most 512 pixels a side, None if unreadable.

    A texture is decoration: one that cannot be read must not cost the mesh, so the caller
    falls back to the material's colour.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    return None
                image.draft("RGB", (MAX_SIDE, MAX_SIDE))
                rgb = image.convert("RGB")
                rgb.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR)
                return np.asarray(rgb, np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def sample_texture(texture: np.ndarray, uvs: np.ndarray) -> np.ndarray:
    """Colours of a texture that repeats, at texture coordinates.

    texture: uint8 [h, w, 3]; uvs: [N, 2], v up. Returns float32 [N, 3] in 0-1.
    """
    height, width = texture.shape[:2]
    wrapped = np.mod(uvs, 1.0)
    column = np.minimum((wrapped[:, 0] * width).astype(np.int64), width - 1)
    row = np.minimum(((1.0 - wrapped[:, 1]) * height).astype(np.int64), height - 1)
    return texture[row, column].astype(np.float32) / 255.0

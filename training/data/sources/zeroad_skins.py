"""Textures of Pyrogenesis actors: colours that depend on the alpha channel, and cut-out shapes."""

from __future__ import annotations

import io
import warnings
from functools import lru_cache

import numpy as np
from PIL import Image

from ..formats.textures import MAX_PIXELS
from .zeroad_actors import Archive

MAX_SIDE = 256  # an object has up to dozens of textures, each on a small part
CUT_LEVELS = 3
OPAQUE = 0.45
_PROBES = np.array(
    [(i / 6, j / 6, 1 - (i + j) / 6) for i in range(7) for j in range(7 - i)], np.float64
)


@lru_cache(maxsize=256)
def read_skin(archive: Archive, file: str) -> np.ndarray | None:
    """A texture below `art/textures/skins` as uint8 [h, w, 4], row 0 at v = 1, or None."""
    path = f"art/textures/skins/{file}"
    data = archive.read(f"{path}.cached.dds") or archive.read(path)
    if data is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    return None
                rgba = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, NotImplementedError, Image.DecompressionBombError):
        return None
    # channels one by one, else Pillow would weigh the colours with the alpha, which is no opacity
    size = tuple(min(side, MAX_SIDE) for side in rgba.size)
    bands = [band.resize(size, Image.Resampling.BOX) for band in rgba.split()]
    return np.stack([np.asarray(band, np.uint8) for band in bands], axis=2)


def tinted(
    skin: np.ndarray, material: str, colour: tuple[float, float, float] | None
) -> np.ndarray:
    """uint8 [h, w, 3]: where a material's alpha marks the player's or actor's colour, it shows."""
    rgb = skin[..., :3]
    if colour is None or not material.startswith(("player", "objectcolor")):
        return np.ascontiguousarray(rgb)
    own = skin[..., 3:].astype(np.float32) / 255
    mixed = rgb * (own + (1 - own) * np.asarray(colour, np.float32))
    return np.round(mixed).astype(np.uint8)


def is_cut_out(material: str) -> bool:
    """Whether the alpha of a material's texture says where the surface is."""
    return material.startswith(("basic_trans", "trans_", "player_trans_helmet"))


def cut_out(
    triangles: np.ndarray, uvs: np.ndarray, skin: np.ndarray, limit: int = 20_000
) -> tuple[np.ndarray, np.ndarray]:
    """Keep what is opaque of triangles [F, 3, 3] with uvs [F, 3, 2]; returns both of what stays.

    Triangles that are partly opaque are split in four up to `CUT_LEVELS` times, as long as that
    gives no more than `limit` triangles at a time.
    """
    alpha = skin[..., 3].astype(np.float32) / 255
    done: list[tuple[np.ndarray, np.ndarray]] = []
    for level in range(CUT_LEVELS + 1):
        inside = _alpha_at(alpha, _PROBES @ uvs) >= OPAQUE
        share = inside.mean(axis=1) if len(inside) else np.zeros(0)
        last = level == CUT_LEVELS or 4 * len(triangles) > limit
        keep = share >= (0.5 if last else 0.97)
        done.append((triangles[keep], uvs[keep]))
        if last:
            break
        mixed = ~keep & (share > 0.03)
        triangles, uvs = _split(triangles[mixed]), _split(uvs[mixed])
    return np.concatenate([one for one, _ in done]), np.concatenate([two for _, two in done])


def _split(corners: np.ndarray) -> np.ndarray:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    quarters = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.concatenate([np.stack(quarter, axis=1) for quarter in quarters])


def _alpha_at(alpha: np.ndarray, uvs: np.ndarray) -> np.ndarray:
    height, width = alpha.shape
    wrapped = np.mod(uvs, 1.0)
    column = np.minimum((wrapped[..., 0] * width).astype(np.int64), width - 1)
    row = np.minimum(((1 - wrapped[..., 1]) * height).astype(np.int64), height - 1)
    return alpha[row, column]

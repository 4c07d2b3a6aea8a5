"""How like its picture a textured mesh looks to the camera that took the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from .camera import Sight
from .looking import sample_grid
from .paint import OPAQUE
from .texels import Body

PRESENT = 0.5
"""Alpha from which a pixel belongs to the object."""
MOST_COMPARED = 60_000
"""Pixels whose colours are compared at most, evenly spread: more tell the same."""
BEST = 99.0  # dB: of equal pictures, whose ratio is infinite


def render_textured(
    sight: Sight, body: Body, uv: np.ndarray, texture: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What the camera sees: some flat cells int [M] of its square, their sRGB-encoded colours
    float32 [M, 3] in 0..255. uv: float [L, 2]. texture: uint8 [T, T, 4], read bilinearly."""
    cell = np.flatnonzero(sight.triangle >= 0)
    cell = cell[:: max(1, -(-len(cell) // MOST_COMPARED))]
    corners = body.corners[sight.triangle[cell]]
    side = texture.shape[0]
    at = np.einsum("nk,nkd->nd", sight.weights[cell], uv[corners]) * (side, -side) + (0, side)
    flat = texture[..., :3].reshape(-1, 3)
    return cell, sample_grid(flat, side, at[:, 0], at[:, 1])


def compare_front(
    sight: Sight, body: Body, uv: np.ndarray, texture: np.ndarray, rgba: np.ndarray
) -> dict[str, Any]:
    """psnr: dB of the sRGB-encoded colours within both silhouettes, `BEST` at most, where the
    picture is opaque, as other pixels are mixed with a backdrop; None: nothing in common.
    silhouette_iou: of the mesh and the picture's alpha.

    rgba: uint8 [S, S, 4], with the side of `sight`.
    """
    present = rgba[..., 3].reshape(-1) >= PRESENT * 255
    covered = sight.triangle >= 0
    opaque = rgba[..., 3].reshape(-1) >= OPAQUE * 255
    both = np.count_nonzero(present & covered)
    either = np.count_nonzero(present | covered)
    psnr = None
    cell, shown = render_textured(sight, body, uv, texture)
    kept = opaque[cell]
    if kept.any():
        truth = rgba[..., :3].reshape(-1, 3)[cell[kept]].astype(np.float32)
        error = float(np.mean((shown[kept] - truth) ** 2, dtype=np.float64))
        psnr = min(BEST, 10 * np.log10(255**2 / error)) if error > 0 else BEST
        psnr = float(psnr)
    return {"psnr": psnr, "silhouette_iou": both / either if either else 0.0}

"""sRGB-encoded bytes and linear light (IEC 61966-2-1)."""

from __future__ import annotations

import numpy as np

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Of linear light with sRGB's primaries."""


def _decode(encoded: np.ndarray) -> np.ndarray:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _encode(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


_LINEAR = _decode(np.arange(256) / 255).astype(np.float32)
_STEPS = (1 << 16) - 1  # a byte's darkest step is 20 of them
_BYTES = np.rint(_encode(np.arange(_STEPS + 1) / _STEPS) * 255).astype(np.uint8)


def decode_bytes(encoded: np.ndarray) -> np.ndarray:
    """uint8 of any shape, sRGB-encoded -> float32 of linear light in [0, 1]."""
    return _LINEAR.take(encoded)


def encode_bytes(linear: np.ndarray) -> np.ndarray:
    """Inverse of `decode_bytes`; what is beyond [0, 1] is clipped."""
    return _BYTES.take(np.rint(np.clip(linear, 0.0, 1.0) * _STEPS).astype(np.uint16))

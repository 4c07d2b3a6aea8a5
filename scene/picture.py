"""From an image of the file, or an image file, to the Source that the worker reads.

The worker decodes files and packed bytes itself, so that a path and a datablock of the same file
give the same mesh. Only what exists in Blender alone (painted, generated) and what the worker
cannot decode (OpenEXR and other float formats) goes through Blender's pixels.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..inference.errors import PictureError
from ..inference.types import Source
from .exr_header import MAGIC as EXR_MAGIC
from .exr_header import check_exr

MAX_PIXELS = 100_000_000
"""As the worker allows; float32 RGBA of that size is 1.6 GB."""
MAX_BROKEN = 0.01
"""Share of pixels that may be not-a-number or infinite."""
# First bytes of OpenEXR, Radiance HDR, DPX (both byte orders) and Cineon.
_BLENDER_ONLY = (
    *(EXR_MAGIC, b"#?RADIANCE", b"#?RGBE"),
    *(b"SDPX", b"XPDS", b"\x80\x2a\x5f\xd7"),
)
_SAVE_AS_PNG = "Save it as a PNG file in the Image Editor and choose that."


def read_picture(picture: bpy.types.Image | str | Path) -> tuple[Source, dict[str, Any]]:
    """The Source of an image datablock or of an image file, and where it came from.

    The second value is plain JSON: kind (file, packed or pixels), path, image (the datablock's
    name). Raises PictureError. Blender's data stays as it was.
    """
    if isinstance(picture, bpy.types.Image):
        return _read_image(picture)
    if not str(picture):
        raise PictureError("No picture was chosen.", "Choose a picture.")
    path = Path(bpy.path.abspath(str(picture)))
    return _read_file(path, path.stem, "")


def _read_image(image: bpy.types.Image) -> tuple[Source, dict[str, Any]]:
    name = _clean_name(image.name)
    if image.source == "MOVIE":
        raise PictureError(
            f"The image {image.name!r} is a film.", "Save one frame as PNG and choose that."
        )
    if image.source == "VIEWER":
        raise PictureError(f"{image.name!r} has no pixels of its own.", _SAVE_AS_PNG)
    if image.source == "GENERATED" or image.is_dirty:
        return _read_pixels(image, name)
    if image.packed_file is not None:
        encoded = bytes(_packed_bytes(image))
        if encoded.startswith(EXR_MAGIC):
            check_exr(io.BytesIO(encoded), image.name, MAX_PIXELS)
        if encoded.startswith(_BLENDER_ONLY):
            return _read_pixels(image, name)
        return Source(encoded=encoded, name=name), {"kind": "packed", "image": image.name}
    return _read_file(_find_file(image), name, image.name)


def _clean_name(name: str) -> str:
    """chair.png.001 and chair.png are both named chair."""
    name = re.sub(r"\.\d{3,}$", "", name)
    return Path(name).stem or name


def _packed_bytes(image: bpy.types.Image) -> bytes:
    if image.source == "TILED":
        first = image.tiles[0].number
        for packed in image.packed_files:
            if packed.tile_number == first:
                return packed.packed_file.data
    return image.packed_file.data


def _find_file(image: bpy.types.Image) -> Path:
    """The file of an image; a sequence stands for the frame it names, tiles for the first one."""
    path = bpy.path.abspath(image.filepath_raw or image.filepath, library=image.library)
    if not path:
        raise PictureError(f"The image {image.name!r} has no file.", "Open an image file instead.")
    if image.source == "TILED":
        number = image.tiles[0].number
        path = path.replace("<UDIM>", str(number))
        path = path.replace("<UVTILE>", f"u{(number - 1001) % 10 + 1}_v{(number - 1001) // 10 + 1}")
    return Path(path)


def _read_file(path: Path, name: str, image: str) -> tuple[Source, dict[str, Any]]:
    origin = {"kind": "file", "path": str(path), "image": image}
    try:
        if path.is_dir():
            raise PictureError(f"{str(path)!r} is a folder.", "Choose an image file.")
        with path.open("rb") as stream:
            head = stream.read(16)
            if head.startswith(EXR_MAGIC):
                check_exr(stream, str(path), MAX_PIXELS)
    except FileNotFoundError as error:
        raise PictureError(
            f"The file {str(path)!r} does not exist.", "Find it or choose another picture."
        ) from error
    except OSError as error:
        raise PictureError(
            f"The file {str(path)!r} cannot be read: {error.strerror or error}.",
            "Check its permissions.",
        ) from error
    if not head.startswith(_BLENDER_ONLY):
        return Source(path=str(path), name=name), origin
    with _load_image(path) as loaded:
        return _read_pixels(loaded, name)[0], origin


@contextlib.contextmanager
def _load_image(path: Path) -> Iterator[bpy.types.Image]:
    """The file as an image of its own, removed afterwards."""
    try:
        image = bpy.data.images.load(str(path), check_existing=False)
    except RuntimeError as error:
        raise PictureError(f"Blender cannot open {str(path)!r}.") from error
    try:
        yield image
    finally:
        bpy.data.images.remove(image)


def _read_pixels(image: bpy.types.Image, name: str) -> tuple[Source, dict[str, Any]]:
    width, height = image.size
    if width * height == 0:
        raise PictureError(f"The image {image.name!r} cannot be decoded.")
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"The image {image.name!r} has {width} x {height} pixels.",
            f"Scale it down to less than {MAX_PIXELS // 1_000_000} million pixels.",
        )
    channels = image.channels
    flat = np.empty(width * height * channels, np.float32)
    image.pixels.foreach_get(flat)
    rgba = _complete_channels(flat.reshape(height, width, channels)[::-1])
    if image.is_float:
        rgba = _encode_float(rgba, image)
    pixels = np.ascontiguousarray(np.clip(rgba, 0.0, 1.0), np.float32)
    return Source(pixels=pixels, name=name), {"kind": "pixels", "image": image.name}


def _complete_channels(pixels: np.ndarray) -> np.ndarray:
    """[h, w, 1..4] -> float32 [h, w, 4]."""
    height, width, channels = pixels.shape
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = pixels[..., :3] if channels >= 3 else pixels[..., :1]
    if channels in (2, 4):
        rgba[..., 3] = pixels[..., channels - 1]
    return rgba


def _encode_float(rgba: np.ndarray, image: bpy.types.Image) -> np.ndarray:
    """Scene-linear premultiplied -> sRGB-encoded straight. Raises PictureError."""
    broken = ~np.isfinite(rgba).all(axis=-1)
    if broken.mean() > MAX_BROKEN:
        raise PictureError(
            f"{broken.mean():.0%} of the pixels of {image.name!r} are not numbers.",
            "Render or export it again.",
        )
    rgba[broken] = (0.0, 0.0, 0.0, 1.0)
    alpha = np.clip(rgba[..., 3:], 0.0, 1.0)
    colour = rgba[..., :3]
    if image.alpha_mode == "NONE":
        alpha = np.ones_like(alpha)
    elif image.alpha_mode != "CHANNEL_PACKED":  # Blender keeps float colours premultiplied
        colour = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 1e-6)
    if image.colorspace_settings.name != "Non-Color":
        colour = encode_srgb(colour)
    return np.concatenate([colour, alpha], axis=-1)


def encode_srgb(linear: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1] to sRGB's transfer curve (IEC 61966-2-1); clipped to [0, 1]."""
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def decode_srgb(encoded: np.ndarray) -> np.ndarray:
    """The inverse of `encode_srgb`."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)

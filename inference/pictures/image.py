"""Pictures from outside, decoded: whatever arrives becomes a `Picture` or a clear PictureError.

A picture file is hostile until shown otherwise: only regular files of bounded size are read, only
formats of a short list are decoded, and the pixel count is known before anything is unpacked.
"""

from __future__ import annotations

import io
import os
import re
import stat
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from ..errors import PictureError
from ..types import Picture, Source

MAX_BYTES = 256 << 20
MAX_PIXELS = 100_000_000
MAX_PROFILE_BYTES = 4 << 20
MIN_SIDE = 16
WORKING_SIDE = 2048
SEE_THROUGH = 0.95
"""Alpha below this counts as transparent when asking whether a picture's alpha marks an object."""
SEE_THROUGH_SHARE = 0.005
NOISE_ALPHA = 0.02
"""Alpha up to this is invisible: dust of compressors and eraser tools."""
BAD_SHARE = 0.01
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "TGA")  # TGA: no magic, last

_AS_PNG = "Save or export it as a PNG or JPEG picture and choose that."
_THROUGH_BLENDER = "Open it in Blender's Image Editor and save it as PNG, then choose the PNG."
_UNSUPPORTED: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), kind, fix)
    for pattern, kind, fix in (
        (rb"\x76\x2f\x31\x01", "an OpenEXR picture", _THROUGH_BLENDER),
        (rb"#\?(RADIANCE|RGBE)", "a Radiance HDR picture", _THROUGH_BLENDER),
        (rb"%PDF-", "a PDF document", _AS_PNG),
        (rb"8BPS", "a Photoshop document", _AS_PNG),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing", _AS_PNG),
        (rb"gimp xcf", "a GIMP document", _AS_PNG),
        (rb".{4}ftyp(heic|heix|hevc|heim|heis|mif1|msf1)", "a HEIC picture", _AS_PNG),
        (rb".{4}ftyp(?!avif|avis)", "a film", "Save one frame of it as PNG and choose that."),
        (rb"\x1aE\xdf\xa3|RIFF.{4}AVI ", "a film", "Save one frame of it as PNG and choose that."),
        (rb"BLENDER|\x28\xb5\x2f\xfd", "a Blender file", "Choose a picture file."),
        (rb"PK\x03\x04", "an archive or a layered document", _AS_PNG),
        (rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>)?.{0,4096}?<svg[\s>]", "an SVG drawing", _AS_PNG),
    )
)

# EXIF orientation (tag 0x0112) -> the transposition that makes the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112


def load_picture(source: Source) -> Picture:
    """Decode a picture: upright, sRGB, first frame, longest side at most `WORKING_SIDE` pixels.

    The same bytes give the same Picture, whether by path or encoded. Larger pictures are averaged
    down (premultiplied alpha). `has_alpha` says that a meaningful share of the pixels is see-
    through, not that the file has an alpha channel.

    Raises PictureError: the picture is missing, unreadable, damaged, too large, too small, of an
    unknown kind, fully transparent, or all one colour.
    """
    given = [source.path != "", source.encoded is not None, source.pixels is not None]
    if sum(given) != 1:
        raise PictureError("No picture was given.", "Choose a picture.")
    messages: list[str] = []
    orientation = 1
    if source.pixels is not None:
        rgba = _checked_pixels(source.pixels, messages)
    else:
        data = source.encoded if source.encoded is not None else _read_file(source.path)
        rgba, orientation = _decode(bytes(data), messages)
    rgba.setflags(write=False)
    return Picture(
        rgba=rgba,
        has_alpha=_has_meaningful_alpha(rgba),
        name=source.name or Path(source.path).stem or "Object",
        messages=tuple(messages),
        orientation=orientation,
    )


def resample(
    rgba: np.ndarray, box: tuple[float, float, float, float], size: tuple[int, int]
) -> np.ndarray:
    """The part `box` of a picture at another size, antialiased.

    rgba: float32 [height, width, 4], straight alpha. box: (left, top, right, bottom) in its
    pixels; may reach beyond it, where everything is transparent. size: (width, height) to make.
    Returns float32 [size[1], size[0], 4], straight alpha; colour is 0 where alpha is 0.
    Works on premultiplied alpha, so that the colour of transparent pixels never bleeds in
    (Porter & Duff 1984). The triangle filter has no negative lobes, so edges get no halo.
    """
    height, width = rgba.shape[:2]
    left, top, right, bottom = box
    # Whole pixels around the box, one to spare for the filter's support, plus its stretch.
    reach_x = int(np.ceil(max(1.0, (right - left) / size[0]))) + 1
    reach_y = int(np.ceil(max(1.0, (bottom - top) / size[1]))) + 1
    x0, x1 = int(np.floor(left)) - reach_x, int(np.ceil(right)) + reach_x
    y0, y1 = int(np.floor(top)) - reach_y, int(np.ceil(bottom)) + reach_y
    # Keep what exists of it; the rest is transparent padding.
    inner_x, inner_y = slice(max(x0, 0), min(x1, width)), slice(max(y0, 0), min(y1, height))
    padding = (
        (max(-y0, 0), max(y1 - height, 0)),
        (max(-x0, 0), max(x1 - width, 0)),
    )
    part = rgba[inner_y, inner_x]
    window = (left - x0, top - y0, right - x0, bottom - y0)
    alpha = _resize_plane(np.pad(part[..., 3], padding), window, size)
    planes = [
        _resize_plane(np.pad(part[..., channel] * part[..., 3], padding), window, size)
        for channel in range(3)
    ]
    visible = alpha > 1e-4
    divisor = np.where(visible, alpha, 1.0)
    colours = [np.where(visible, plane / divisor, 0.0) for plane in planes]
    out = np.stack([*colours, np.where(visible, alpha, 0.0)], axis=-1)
    return np.clip(out, 0.0, 1.0).astype(np.float32)


def _resize_plane(
    plane: np.ndarray, window: tuple[float, float, float, float], size: tuple[int, int]
) -> np.ndarray:
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=window))


def _read_file(path: str) -> bytes:
    """All bytes of a regular file of bounded size; never waits for a pipe or a device."""
    try:
        # Asked before opening: opening a device can already do something.
        _check_kind(os.stat(path), path)
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            _check_kind(os.fstat(stream.fileno()), path)
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise PictureError(
            f"There is no picture {_shown(path)}.", "Check the path, or choose the picture again."
        ) from error
    except PermissionError as error:
        raise PictureError(
            f"The picture {_shown(path)} may not be read.",
            "Change the file's permissions, or copy it to a folder of yours.",
        ) from error
    except (OSError, ValueError) as error:
        raise PictureError(
            f"The picture {_shown(path)} cannot be read: {error}.",
            "Check the disk or the network drive, or copy the picture to this computer.",
        ) from error
    if len(data) > MAX_BYTES:
        raise _too_many_bytes()
    return data


def _check_kind(status: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise PictureError(
            f"{_shown(path)} is a folder, not a picture.", "Choose one picture in that folder."
        )
    if not stat.S_ISREG(status.st_mode):
        raise PictureError(
            f"{_shown(path)} is a pipe, a socket or a device, not a picture file.",
            "Choose a picture file.",
        )
    if status.st_size > MAX_BYTES:
        raise _too_many_bytes()


def _too_many_bytes() -> PictureError:
    return PictureError(
        f"The picture file is larger than {MAX_BYTES >> 20} MB.",
        "Save a smaller copy of it as PNG or JPEG.",
    )


def _shown(path: str) -> str:
    # A name that is not valid text must still be printable.
    return "'" + path.encode("utf-8", "replace").decode() + "'"


def _decode(data: bytes, messages: list[str]) -> tuple[np.ndarray, int]:
    """Float32 [h, w, 4] of an image file's bytes, upright; and how the file holds them (EXIF)."""
    if not data:
        raise PictureError("The picture file is empty.", "Download or export it again.")
    if len(data) > MAX_BYTES:
        raise _too_many_bytes()
    for pattern, kind, fix in _UNSUPPORTED:
        if pattern.match(data[:8192]):
            raise PictureError(f"This file is {kind}, which Bozzetto does not read.", fix)
    try:
        with warnings.catch_warnings():
            # Pixel counts are checked below, and damaged metadata is not the artist's concern.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(*image.size)
                return _decode_opened(image, messages)
    except (PictureError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise PictureError(
            "This file is not a picture, or of a kind that Bozzetto does not read.",
            "Choose a PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF or TGA picture.",
        ) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels("") from error
    except Exception as error:  # decoders raise nearly anything on damaged files
        raise PictureError(
            f"The picture is damaged or incomplete ({error}).",
            "Download or export it again, or open it in an image editor and save it as PNG.",
        ) from error


def _check_size(width: int, height: int) -> None:
    size = f" ({width} x {height})"
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(size)
    scale = min(1.0, WORKING_SIDE / max(width, height, 1))
    if min(width, height) < MIN_SIDE:
        raise PictureError(
            f"The picture is too small{size} to show an object.",
            f"Choose one of at least {MIN_SIDE} x {MIN_SIDE} pixels; 256 and more look better.",
        )
    if min(width, height) * scale < MIN_SIDE:
        raise PictureError(
            f"The picture is a strip{size}, too narrow to show an object.",
            "Crop it to the object in an image editor.",
        )


def _too_many_pixels(size: str) -> PictureError:
    return PictureError(
        f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels{size}.",
        "Scale it down to some 2,000 pixels in an image editor.",
    )


def _decode_opened(image: Image.Image, messages: list[str]) -> tuple[np.ndarray, int]:
    if image.format != "MPO" and getattr(image, "is_animated", False):
        what = "has several pages" if image.format == "TIFF" else "is animated"
        messages.append(f"The picture {what}: only the first is used.")
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (WORKING_SIDE, WORKING_SIDE))  # decode at 1/2, 1/4 or 1/8 where enough
    image.load()
    profile = image.info.get("icc_profile")
    orientation = _read_orientation(image, messages)
    plain = _eight_bits(image)
    alpha = plain.getchannel("A") if plain.mode in ("LA", "RGBA") else None
    base = plain.convert({"LA": "L", "RGBA": "RGB"}.get(plain.mode, plain.mode))
    rgb = _to_srgb(base, profile, messages)
    if alpha is not None:
        rgb.putalpha(alpha)
    upright = rgb.convert("RGBA")
    if orientation not in _UPRIGHT:
        orientation = 1
    else:
        upright = upright.transpose(_UPRIGHT[orientation])
    scale = WORKING_SIDE / max(upright.size)
    if scale < 1.0:
        small = tuple(max(1, round(length * scale)) for length in upright.size)
        # Pillow premultiplies RGBA before resampling it.
        upright = upright.resize(small, Image.Resampling.BOX, reducing_gap=3.0)
    return np.asarray(upright, dtype=np.float32) / np.float32(255.0), orientation


def _eight_bits(image: Image.Image) -> Image.Image:
    """The image with 8 bits a channel, mode L, LA, RGB, RGBA or CMYK."""
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode in ("LA", "RGBA"):
        return image
    if image.mode.startswith("I"):  # 16 bit greys; Pillow's own conversion would clip them
        values = np.asarray(image).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise PictureError(
                "The picture has 32 bits a channel.", "Save it with 8 or 16 bits a channel."
            )
        grey = Image.fromarray(((values + 128) // 257).astype(np.uint8))
        key = image.info.get("transparency")
        if isinstance(key, int):  # PNG: one grey value is transparent
            grey.putalpha(Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8)))
        return grey
    if image.mode == "F":
        raise PictureError(
            "The picture holds floating point values.", "Save it with 8 or 16 bits a channel."
        )
    has_alpha = "transparency" in image.info or image.mode in ("PA", "La", "RGBa")
    return image.convert("RGBA" if has_alpha else "RGB")


def _to_srgb(image: Image.Image, profile: bytes | None, messages: list[str]) -> Image.Image:
    """The image as RGB in sRGB, by its embedded ICC profile where that is sane."""
    if profile:
        try:
            if len(profile) > MAX_PROFILE_BYTES:
                raise ValueError(f"{len(profile)} bytes long")
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = given.profile.xcolor_space.strip()
            if space != {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}[image.mode]:
                raise ValueError(f"for {space}, the picture is {image.mode}")
            converted = ImageCms.profileToProfile(
                image, given, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError) as error:
            messages.append(f"The picture's colour profile was ignored ({error}).")
    return image.convert("RGB")


def _read_orientation(image: Image.Image, messages: list[str]) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception as error:  # a damaged EXIF block raises nearly anything; the pixels are fine
        messages.append(f"The picture's EXIF data was ignored ({error}).")
        return 1


def _checked_pixels(pixels: np.ndarray, messages: list[str]) -> np.ndarray:
    """Pixels handed over by Blender, checked and brought to working size."""
    shape = np.shape(pixels)
    if len(shape) != 3 or shape[2] != 4 or not np.issubdtype(pixels.dtype, np.floating):
        raise PictureError(
            f"The image's pixels have shape {shape} and type {pixels.dtype}; "
            "expected [height, width, 4] floats.",
            "Convert the image to RGBA.",
        )
    height, width = shape[:2]
    _check_size(width, height)
    rgba = np.array(pixels, dtype=np.float32)
    bad = ~np.isfinite(rgba).all(axis=-1)
    if bad.any():
        if bad.mean() > BAD_SHARE:
            raise PictureError(
                f"{bad.mean():.0%} of the image's pixels hold no number (NaN or infinite).",
                "Render or save the image again.",
            )
        rgba[bad] = 0.0
        messages.append(f"{bad.sum()} pixels held no number (NaN) and were made transparent.")
    np.clip(rgba, 0.0, 1.0, out=rgba)
    scale = WORKING_SIDE / max(width, height)
    if scale < 1.0:
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgba = resample(rgba, (0.0, 0.0, float(width), float(height)), small)
    return rgba


def _has_meaningful_alpha(rgba: np.ndarray) -> bool:
    """Whether alpha marks an object. Raises PictureError when nothing can be seen."""
    alpha = rgba[..., 3]
    if alpha.max() <= NOISE_ALPHA:
        raise PictureError(
            "The picture is fully transparent.", "Choose a picture that shows an object."
        )
    has_alpha = bool(np.mean(alpha < SEE_THROUGH) >= SEE_THROUGH_SHARE)
    if not has_alpha and np.ptp(rgba[..., :3], axis=(0, 1)).max() < 3 / 255:
        raise PictureError(
            "The picture is all one colour.", "Choose a picture that shows an object."
        )
    return has_alpha

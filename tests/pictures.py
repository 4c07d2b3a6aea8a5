"""Pictures that tests make: good ones with a known truth, and every bad one."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageDraw


def encode(image: Image.Image, file_format: str = "PNG", **options) -> bytes:
    """The bytes of an image file."""
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def draw_shape(width: int = 320, height: int = 240, kind: str = "chair") -> np.ndarray:
    """Truth: antialiased coverage float32 [height, width] of a drawn object."""
    times = 4
    image = Image.new("L", (width * times, height * times), 0)
    draw = ImageDraw.Draw(image)

    def box(left: float, top: float, right: float, bottom: float, fill: int = 255) -> None:
        w, h = width * times, height * times
        draw.rectangle((left * w, top * h, right * w, bottom * h), fill=fill)

    if kind == "chair":
        box(0.35, 0.15, 0.65, 0.60)
        box(0.40, 0.22, 0.60, 0.40, fill=0)  # the backdrop shows through the back
        box(0.32, 0.55, 0.70, 0.65)
        for left in (0.33, 0.66):
            box(left, 0.60, left + 0.03, 0.88)
    elif kind == "blob":
        draw.ellipse((60 * times, 50 * times, 250 * times, 200 * times), fill=255)
    else:
        raise ValueError(kind)
    small = image.resize((width, height), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


def draw_scene(
    truth: np.ndarray,
    *,
    backdrop: str = "plain",
    colour: tuple[float, float, float] = (0.45, 0.25, 0.15),
    noise: float = 0.0,
    quality: int = 0,
    seed: int = 0,
) -> np.ndarray:
    """Opaque picture float32 [h, w, 4] of an object before a backdrop.

    backdrop: plain, gradient, vignette, horizon, shadow or clutter. quality: JPEG, 0 for none.
    """
    height, width = truth.shape
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y, x = y / height, x / width
    grey = np.array([0.85, 0.86, 0.88], np.float32)
    light = np.ones_like(x)
    if backdrop == "gradient":
        light = 1.0 - 0.45 * y - 0.1 * x
    elif backdrop == "vignette":
        light = 1.0 - 0.9 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    elif backdrop == "shadow":
        ellipse = ((x - 0.52) / 0.30) ** 2 + ((y - 0.88) / 0.09) ** 2
        light = 1.0 - 0.35 * np.exp(-(ellipse**2))
    ground = light[..., None] * grey
    if backdrop == "horizon":
        ground = np.where((y > 0.7)[..., None], [0.55, 0.45, 0.38], [0.75, 0.80, 0.86])
    elif backdrop == "clutter":
        ground = random.random((height // 16 + 1, width // 16 + 1, 3)).astype(np.float32)
        ground = np.kron(ground, np.ones((16, 16, 1), np.float32))[:height, :width]
    shade = (0.75 + 0.5 * (1.0 - y))[..., None] * np.array(colour, np.float32)
    rgb = truth[..., None] * shade + (1.0 - truth[..., None]) * ground
    rgb = np.clip(rgb + random.normal(0.0, noise, rgb.shape), 0.0, 1.0)
    if quality:
        data = encode(Image.fromarray((rgb * 255).astype(np.uint8)), "JPEG", quality=quality)
        rgb = np.asarray(Image.open(io.BytesIO(data)), np.float32) / 255
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=-1).astype(np.float32)


def draw_cutout(width: int = 120, height: int = 100) -> Image.Image:
    """A small good picture: a brown chair on a transparent ground, RGBA."""
    alpha = draw_shape(width, height)
    rgba = np.zeros((height, width, 4), np.float32)
    rgba[..., :3] = np.linspace(0.2, 0.9, width)[None, :, None] * [1.0, 0.6, 0.4]
    rgba[..., 3] = alpha
    return Image.fromarray((rgba * 255).round().astype(np.uint8))


def make_linear_profile() -> bytes:
    """An ICC profile with sRGB's primaries and no transfer curve (gamma 1)."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", data, 128)[0]
    for entry in range(count):
        tag, offset, _ = struct.unpack_from(">4sII", data, 132 + 12 * entry)
        if tag in (b"rTRC", b"gTRC", b"bTRC"):
            # "curv" with no entries is the identity.
            data[offset : offset + 12] = b"curv" + bytes(8)
            struct.pack_into(">I", data, 132 + 12 * entry + 8, 12)
    return bytes(data)


def encode_16_bits(values: np.ndarray) -> bytes:
    """A 16 bit PNG of uint16 [h, w, c], c = 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return _png(width, height, rows, bits=16, colour={1: 0, 2: 4, 3: 2, 4: 6}[channels])


def _png(width: int, height: int, rows: bytes, bits: int = 8, colour: int = 0) -> bytes:
    """A PNG file by hand: its header may claim anything."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def write_bad_pictures(folder: Path) -> dict[str, Path]:
    """Write one file for each way a picture can be bad; by name. All must raise PictureError."""
    good = encode(draw_cutout())
    photo = encode(draw_cutout().convert("RGB"), "JPEG")
    clear = Image.new("RGBA", (64, 64), (200, 10, 10, 0))
    files: dict[str, tuple[str, bytes]] = {
        "empty": ("empty.png", b""),
        "truncated_png": ("truncated.png", good[: len(good) // 2]),
        "truncated_jpeg": ("truncated.jpg", photo[: len(photo) // 2]),
        "header_only": ("header.png", good[:12]),
        "corrupt": ("corrupt.png", good[:60] + bytes(40) + good[100:]),
        "not_an_image": ("notes.png", b"Dear diary, today no picture.\n" * 20),
        "random_bytes": ("random.jpg", np.random.default_rng(1).bytes(5000)),
        "one_pixel": ("one.png", encode(Image.new("RGB", (1, 1), "red"))),
        "strip": ("strip.png", encode(Image.new("L", (30_000, 40)))),
        "huge": ("huge.png", _png(30_000, 30_000, b"")),
        "bomb": ("bomb.png", _png(200_000, 200_000, bytes(1 << 20))),
        "transparent": ("clear.png", encode(clear)),
        "one_colour": ("red.png", encode(Image.new("RGB", (64, 64), (200, 10, 10)))),
        "svg": ("a.svg", b'<?xml version="1.0"?>\n<!-- x -->\n<svg width="9" height="9"></svg>'),
        "pdf": ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"),
        "psd": ("a.psd", b"8BPS\x00\x01" + bytes(60)),
        "eps": ("a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
        "exr": ("a.exr", b"\x76\x2f\x31\x01\x02\x00\x00\x00" + bytes(60)),
        "hdr": ("a.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 4 +X 4\n"),
        "heic": ("a.heic", b"\x00\x00\x00\x18ftypheic" + bytes(40)),
        "film": ("a.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(40)),
        "float_tiff": ("nan.tif", encode(Image.fromarray(np.full((32, 32), np.nan, "f4")), "TIFF")),
    }
    paths = {}
    for name, (file_name, data) in files.items():
        paths[name] = folder / f"{name}_{file_name}"
        paths[name].write_bytes(data)
    paths["folder"] = folder / "folder.png"
    paths["folder"].mkdir()
    paths["missing"] = folder / "missing.png"
    if hasattr(os, "mkfifo"):
        paths["fifo"] = folder / "fifo.png"
        os.mkfifo(paths["fifo"])
        paths["device"] = Path("/dev/zero")
        paths["link_to_device"] = folder / "zero.png"
        paths["link_to_device"].symlink_to("/dev/zero")
    return paths


def write_odd_pictures(folder: Path) -> dict[str, Path]:
    """Unusual pictures that must work, by name; each shows `draw_cutout` in some form."""
    chair = draw_cutout()
    flat = Image.new("RGBA", chair.size, "white")
    flat.alpha_composite(chair)
    photo = flat.convert("RGB")
    grey16 = Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257)
    frames = [photo, photo.transpose(Image.Transpose.ROTATE_180)]
    rgba_frames = [chair, chair.transpose(Image.Transpose.ROTATE_180)]
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    palette = chair.quantize(64)
    files: dict[str, tuple[str, bytes]] = {
        "plain": ("plain.png", encode(chair)),
        "palette_alpha": ("palette.png", encode(palette)),
        "grey16": ("grey16.png", encode(grey16)),
        "cmyk": ("cmyk.jpg", encode(photo.convert("CMYK"), "JPEG", quality=95)),
        "exif_rotated": ("turned.jpg", encode(photo, "JPEG", quality=95, exif=exif)),
        "gif": (
            "moving.gif",
            encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50),
        ),
        "apng": (
            "moving.png",
            encode(rgba_frames[0], "PNG", save_all=True, append_images=rgba_frames[1:]),
        ),
        "webp": (
            "moving.webp",
            encode(
                rgba_frames[0], "WEBP", save_all=True, append_images=rgba_frames[1:], lossless=True
            ),
        ),
        "profile": ("profile.png", encode(photo, icc_profile=profile)),
        "broken_profile": ("bent.png", encode(photo, icc_profile=b"no profile" * 20)),
        "wrong_profile": ("grey.png", encode(photo.convert("L"), icc_profile=profile)),
        "broken_exif": ("bent.jpg", encode(photo, "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff")),
        "names": ("стул и 椅子 ☕.png", encode(chair)),
        "wrong_suffix": ("really_a_png.jpg", encode(chair)),
        "bmp": ("a.bmp", encode(photo, "BMP")),
        "tga": ("a.tga", encode(chair, "TGA")),
        "tiff": ("a.tif", encode(chair, "TIFF")),
        "avif": ("a.avif", encode(chair, "AVIF", quality=95)),
        "bilevel": ("a1.png", encode(photo.convert("1"))),
    }
    paths = {}
    for name, (file_name, data) in files.items():
        paths[name] = folder / file_name
        paths[name].write_bytes(data)
    return paths

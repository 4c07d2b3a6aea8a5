"""The same objects on photographs, with other things behind and touching: what matting meets.

The photographs are of packages that nothing is trained on: backdrops from scikit-image, cut-out
photographs of things from Debian's tuxpaint-stamps-default. None is committed.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image
from scipy import ndimage

from ...training.data.packages import Package, fetch_packages

STAMPS = Package(
    "tuxpaint-stamps-default",
    "2022.06.04-1",
    "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34",
)
STAMPS_FOLDER = "usr/share/tuxpaint/stamps"
THINGS = tuple(
    """animals/birds/crowned_crane animals/birds/duck animals/birds/helmeted_guineafowl
    animals/birds/turkey animals/birds/vulture animals/mammals/aquatic/otter
    animals/mammals/bears/european-bear animals/mammals/bovines/cow_white
    animals/mammals/bovines/gnu-stand animals/mammals/bovines/goat animals/mammals/bovines/ram
    animals/mammals/bovines/sheep animals/mammals/camel/camel animals/mammals/deer/doe
    animals/mammals/dogs/fox animals/mammals/equines/donkey animals/mammals/equines/zebra
    animals/mammals/ferret animals/mammals/pig_golden animals/mammals/rabbit_little
    animals/mammals/rodents/squirrel animals/marsupials/koala food/fruit/Apricot_whole
    food/fruit/cherimoya food/fruit/kiwi food/fruit/orange_seville food/spices/ginger
    hobbies/music/percussion/drum_tomtom_floor hobbies/music/percussion/drumkit household/cylinder
    household/home_compost_bin household/tools/cementmixer military/fireman240a plants/eggplant
    plants/mushrooms/cep plants/trees/holm_oak plants/trees/liberia-palm
    seasonal/christmas/Christmas_Tree_photo seasonal/christmas/Christmas_pudding
    seasonal/christmas/Mince_Pie vehicles/construction/dumper""".split()  # noqa: SIM905
)
BACKDROPS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle")
CLUTTER_VERSION = 1
BEHIND = (1, 3)
"""Least and most things behind the object; one more always touches it."""


def ensure_photographs(data: Path) -> Path:
    """The folder of the stamps, fetched and unpacked if it is not there. Raises PackageError."""
    return fetch_packages(data, (STAMPS,)) / STAMPS.name / STAMPS_FOLDER


def compose(picture: Path, seed: int, stamps: Path, cache: Path) -> Path:
    """The opaque PNG of a rendered picture over clutter; made once, kept in `cache`.

    picture: straight-alpha PNG. The object stays where it is, so the camera is the same.
    """
    path = cache / "clutter" / f"{picture.stem}-c{CLUTTER_VERSION}.png"
    if path.exists():
        return path
    rng = np.random.default_rng((seed, 5))
    front = np.asarray(Image.open(picture).convert("RGBA"), np.float32) / 255
    made = draw_clutter(front, backdrop(rng, front.shape[0]), load_things(stamps, rng), rng)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    Image.fromarray(np.round(made * 255).astype(np.uint8)).save(partial, format="PNG")
    os.replace(partial, path)
    return path


def draw_clutter(
    front: np.ndarray, behind: np.ndarray, things: list[np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Float32 [s, s, 3]: things on the backdrop, the last of them touching the object, the object.

    front: float32 [s, s, 4], straight alpha. behind: float32 [s, s, 3]. things: float32
    [h, w, 4] each.
    """
    side = front.shape[0]
    canvas = behind.copy()
    mask = front[..., 3] > 0.5
    for number, thing in enumerate(things):
        size = side * float(rng.uniform(0.3, 0.6))
        scaled = _scale(thing, size)
        if number == len(things) - 1 and mask.any():
            row, column = _touching_place(mask, scaled, rng)
        else:
            row, column = (int(v) for v in rng.integers(-side // 8, side - side // 4, 2))
        _paste(canvas, scaled, row, column)
    shadow = ndimage.gaussian_filter(front[..., 3], side / 40)
    canvas *= 1 - 0.3 * np.roll(shadow, side // 60, axis=0)[..., None]
    return front[..., :3] * front[..., 3:] + canvas * (1 - front[..., 3:])


def backdrop(rng: np.random.Generator, side: int) -> np.ndarray:
    """A square cut of a photograph, float32 [side, side, 3], mirrored or not."""
    photograph = _photograph(BACKDROPS[int(rng.integers(len(BACKDROPS)))])
    height, width = photograph.shape[:2]
    extent = int(min(height, width) * rng.uniform(0.5, 1.0))
    top, left = rng.integers(0, height - extent + 1), rng.integers(0, width - extent + 1)
    cut = Image.fromarray(photograph[top : top + extent, left : left + extent])
    pixels = np.asarray(cut.resize((side, side), Image.Resampling.LANCZOS), np.float32) / 255
    return pixels[:, ::-1].copy() if rng.random() < 0.5 else pixels


def load_things(stamps: Path, rng: np.random.Generator) -> list[np.ndarray]:
    """Some cut-out photographs, float32 [h, w, 4] straight alpha each."""
    count = int(rng.integers(BEHIND[0], BEHIND[1] + 1)) + 1
    names = rng.choice(len(THINGS), count, replace=False)
    return [
        np.asarray(Image.open(stamps / f"{THINGS[name]}.png").convert("RGBA"), np.float32) / 255
        for name in names
    ]


@lru_cache(maxsize=8)
def _photograph(name: str) -> np.ndarray:
    if name == "motorcycle":
        return np.asarray(skimage.data.stereo_motorcycle()[0])[..., :3]
    return np.asarray(getattr(skimage.data, name)())[..., :3]


def _scale(thing: np.ndarray, longest: float) -> np.ndarray:
    height, width = thing.shape[:2]
    factor = longest / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    premultiplied = thing.copy()
    premultiplied[..., :3] *= premultiplied[..., 3:]
    image = Image.fromarray(np.round(premultiplied * 255).astype(np.uint8), "RGBa")
    resized = image.resize(size, Image.Resampling.BOX).convert("RGBA")
    return np.asarray(resized, np.float32) / 255


def _touching_place(
    mask: np.ndarray, thing: np.ndarray, rng: np.random.Generator
) -> tuple[int, int]:
    """Row and column at which the thing's middle lies on the object's outline, left or right."""
    rim = np.argwhere(mask & ~ndimage.binary_erosion(mask))
    rim = rim[np.abs(rim[:, 1] - np.median(rim[:, 1])) >= np.ptp(rim[:, 1]) / 4]
    row, column = rim[int(rng.integers(len(rim)))]
    return int(row) - thing.shape[0] // 2, int(column) - thing.shape[1] // 2


def _paste(canvas: np.ndarray, thing: np.ndarray, row: int, column: int) -> None:
    height, width = thing.shape[:2]
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + height, canvas.shape[0]), min(column + width, canvas.shape[1])
    if bottom <= top or right <= left:
        return
    part = thing[top - row : bottom - row, left - column : right - column]
    under = canvas[top:bottom, left:right]
    canvas[top:bottom, left:right] = part[..., :3] * part[..., 3:] + under * (1 - part[..., 3:])

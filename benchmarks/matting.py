"""The cut of opaque pictures: the model of a plain backdrop alone against the learned matting.

    ./bozzetto benchmark matting [--sizes 0.3 1 2] [--seeds 3] [--sheet FILE.png]

Both cut the same pictures in this one run: the example objects with alpha (docs/examples) before
studio backdrops, before blotchy clutter, and before clutter with smaller objects around. IoU is of
the alphas at one half in the picture's own pixels; "sure" counts cuts without a warning, and "sure
and wrong" those of them with an IoU under 0.8. Times are medians of processor seconds of this
process, and the ratio between the two. --sheet writes picture, truth and both cuts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from ..inference.errors import PictureError
from ..inference.pictures.background import separate_from_background
from ..inference.pictures.matting import Matting
from ..inference.pictures.opaque import SURE, separate_object
from ..inference.types import Cancel

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
OBJECTS = ("chair", "car", "airplane")
GROUNDS = ("studio", "clutter", "crowd")
WIDTH, HEIGHT = 640, 480
WRONG = 0.8

Cut = Callable[[np.ndarray], tuple[np.ndarray, float]]
"""Float32 [h, w, 3] to alpha float32 [h, w] and confidence; both 0 where nothing stands out."""


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="./bozzetto benchmark matting", description=__doc__)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.3, 1.0, 2.0], help="Mpx")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args(arguments)
    matting = Matting()
    started = time.process_time()
    matting.load()
    print(f"loading the network: {time.process_time() - started:.2f} s of processor time")
    methods: dict[str, Cut] = {
        "backdrop": _cut_by_backdrop,
        "learned": lambda rgb: _cut_learned(rgb, matting),
    }
    rows: list[np.ndarray] = []
    print("ground   method    mean IoU  least IoU  sure  sure and wrong")
    for ground in GROUNDS:
        scores: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
        for name in OBJECTS:
            for seed in range(options.seeds):
                rgb, truth = compose(name, ground, seed)
                row = [rgb, _as_grey(truth)]
                for method, cut in methods.items():
                    alpha, confidence = cut(rgb)
                    scores[method].append((_iou(alpha, truth), confidence))
                    row.append(_as_grey(alpha))
                rows.append(np.concatenate(row, axis=1)[::2, ::2])
        for method, found in scores.items():
            sure = [value for value, confidence in found if confidence >= SURE]
            values = [value for value, _ in found]
            print(
                f"{ground:8} {method:9} {statistics.mean(values):8.3f} {min(values):10.3f} "
                f"{len(sure):3}/{len(found)} {sum(value < WRONG for value in sure):8}"
            )
    for megapixels in options.sizes:
        scale = (megapixels * 1e6 / (WIDTH * HEIGHT)) ** 0.5
        rgb, _ = compose("chair", "studio", 0, (round(WIDTH * scale), round(HEIGHT * scale)))
        spent = {name: _measure(cut, rgb) for name, cut in methods.items()}
        print(
            f"{megapixels:.1f} Mpx: backdrop {spent['backdrop']:.2f} s, learned "
            f"{spent['learned']:.2f} s ({spent['learned'] / spent['backdrop']:.1f} x)"
        )
    if options.sheet:
        sheet = np.concatenate(rows, axis=0)
        Image.fromarray((np.clip(sheet, 0, 1) * 255).astype(np.uint8)).save(options.sheet)


def compose(
    name: str, ground: str, seed: int, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> tuple[np.ndarray, np.ndarray]:
    """An opaque picture float32 [h, w, 3] of an example, and its true alpha [h, w]."""
    random = np.random.default_rng([seed, GROUNDS.index(ground)])
    width, height = size
    y, x = np.mgrid[0:height, 0:width] / width
    if ground == "studio":
        light = 1 - random.uniform(0.1, 0.4) * y - random.uniform(0, 0.5) * ((x - 0.5) ** 2)
        backdrop = light[..., None] * random.uniform(0.45, 0.95, 3)
        backdrop += random.normal(0, 0.008, backdrop.shape)
    else:
        backdrop = np.broadcast_to(random.uniform(0.3, 0.6, 3), (height, width, 3)).copy()
        for spread in (width / 320, width / 100, width / 30):
            noise = ndimage.gaussian_filter(
                random.normal(0, 1, backdrop.shape), (spread, spread, 0)
            )
            backdrop += 0.06 * noise / noise.std()
    picture = Image.fromarray((np.clip(backdrop, 0, 1) * 255).astype(np.uint8)).convert("RGBA")
    if ground == "crowd":
        for other in OBJECTS:
            small = _load(other, round(random.uniform(0.18, 0.28) * height))
            picture.alpha_composite(small, _place(random, size, small.size))
    thing = _load(name, round(random.uniform(0.55, 0.8) * height))
    place = _place(random, size, thing.size)
    cover = Image.new("L", size)
    cover.paste(thing.getchannel("A"), place)
    if ground == "studio":  # it stands in its own soft shadow
        blurred = ndimage.gaussian_filter(np.asarray(cover, np.float32) / 255, 0.015 * width)
        shadow = np.roll(blurred, (round(0.012 * width),) * 2, axis=(0, 1))
        rgb = np.asarray(picture, np.float32)[..., :3] * (1 - 0.3 * shadow[..., None])
        picture = Image.fromarray(rgb.astype(np.uint8)).convert("RGBA")
    picture.alpha_composite(thing, place)
    rgb = np.asarray(picture.convert("RGB"), np.float32) / 255
    return rgb, np.asarray(cover, np.float32) / 255


def _load(name: str, longest: int) -> Image.Image:
    """An example cropped to its object, whose longest side is given in pixels."""
    image = Image.open(EXAMPLES / f"{name}.png").convert("RGBA")
    image = image.crop(image.getchannel("A").getbbox())
    scale = longest / max(image.size)
    return image.resize(tuple(max(1, round(length * scale)) for length in image.size))


def _place(
    random: np.random.Generator, outer: tuple[int, int], inner: tuple[int, int]
) -> tuple[int, int]:
    return tuple(int(random.uniform(0.1, 0.9) * max(0, o - i)) for o, i in zip(outer, inner))  # noqa: B905


def _cut_by_backdrop(rgb: np.ndarray) -> tuple[np.ndarray, float]:
    try:
        separation = separate_from_background(rgb, Cancel())
    except PictureError:
        return np.zeros(rgb.shape[:2], np.float32), 0.0
    return separation.alpha, separation.confidence


def _cut_learned(rgb: np.ndarray, matting: Matting) -> tuple[np.ndarray, float]:
    try:
        separation, _ = separate_object(
            rgb, matting, subject="automatic", point=(0.5, 0.5), cancel=Cancel()
        )
    except PictureError:
        return np.zeros(rgb.shape[:2], np.float32), 0.0
    return separation.alpha, separation.confidence


def _measure(cut: Cut, rgb: np.ndarray, runs: int = 3) -> float:
    spent = []
    for _ in range(runs):
        started = time.process_time()
        cut(rgb)
        spent.append(time.process_time() - started)
    return statistics.median(spent)


def _iou(first: np.ndarray, second: np.ndarray) -> float:
    one, other = first > 0.5, second > 0.5
    return float((one & other).sum() / max(1, (one | other).sum()))


def _as_grey(alpha: np.ndarray) -> np.ndarray:
    return np.repeat(alpha[..., None], 3, axis=2)


if __name__ == "__main__":
    main()

"""What an engine makes of real photographs: a contact sheet to look at.

    ./bozzetto benchmark photographs [--engine NAME] [--without-pictures]

Cut-out photographs of Debian's tuxpaint-stamps-default and two opaque ones of scikit-image, none of
which anything was trained on. Writes out/photographs-ENGINE.png: the picture, the mesh from the
camera that the engine believes in, from three-quarter front and three-quarter back, with class and
camera. --without-pictures leaves out what is not ours.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw

from ..evaluation.engines import EngineRunner, Generated
from ..evaluation.metrics.shape import Shape
from ..evaluation.metrics.silhouette import View
from ..evaluation.report.sheet import BACKDROP, shade
from ..evaluation.views.clutter import ensure_photographs
from ..inference.settings import BUNDLED_ENGINES

ROOT = Path(__file__).resolve().parent.parent
STAMPS = tuple(
    """vehicles/auto/sedan vehicles/auto/sportscar2 vehicles/auto/beetle vehicles/auto/truck
    vehicles/emergency/firetruck animals/mammals/giraffe
    vehicles/masstransit/green_korean_bus vehicles/garbagetruck vehicles/wheel_tractor
    vehicles/race/indycar vehicles/cycle/pink_tricycle vehicles/ship/chineseJunk
    vehicles/flight/planes/747 military/vehicles/f22_raptor military/vehicles/bradley
    animals/mammals/equines/horse animals/mammals/elephant animals/mammals/bovines/cow
    animals/mammals/dogs/dog animals/mammals/deer/deer animals/birds/rooster animals/birds/owl
    animals/birds/pigeon animals/fish/bluegroper household/dishes/mug household/dishes/teapot
    household/dishes/pitcher_small household/kettle household/toilet household/rubberduck
    household/garbagecan household/Lightbulb household/tools/hammer food/fruit/pear
    hobbies/music/string/violin hobbies/music/brass/trumpet""".split()  # noqa: SIM905
)
OPAQUE = ("coffee", "motorcycle")
SIDE = 150
COLUMNS = 3
LINE = 16


def main(arguments: list[str] | None = None) -> None:
    """Generate them all and write the sheet."""
    parser = argparse.ArgumentParser(prog="./bozzetto benchmark photographs", description=__doc__)
    parser.add_argument("--engine", choices=BUNDLED_ENGINES, default=BUNDLED_ENGINES[0])
    parser.add_argument("--without-pictures", action="store_true")
    options = parser.parse_args(arguments)
    data = ROOT / ".data"
    runner = EngineRunner(options.engine, data / "evaluation")
    tiles = []
    for path in list_photographs(data):
        started = time.perf_counter()
        made = runner.run(path)
        text = describe(made)
        print(f"{path.stem}: {text}; {time.perf_counter() - started:.1f} s", flush=True)
        tiles.append(draw_tile(path, made, text, with_picture=not options.without_pictures))
    target = ROOT / "out" / f"photographs-{options.engine}.png"
    target.parent.mkdir(exist_ok=True)
    save_tiles(tiles, target)
    print(target.relative_to(ROOT))


def list_photographs(data: Path) -> list[Path]:
    """The files; those of scikit-image are written into `data` first. Raises PackageError."""
    folder = ensure_photographs(data)
    paths = [folder / f"{name}.png" for name in STAMPS]
    for name in OPAQUE:
        path = data / "evaluation" / "photographs" / f"{name}.png"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            if name == "motorcycle":
                pixels = np.asarray(skimage.data.stereo_motorcycle()[0])[..., :3]
            else:
                pixels = np.asarray(getattr(skimage.data, name)())[..., :3]
            Image.fromarray(pixels).save(path)
        paths.append(path)
    return paths


def describe(made: Generated) -> str:
    """What the engine took it for, in a line."""
    if made.vertices is None:
        return f"failed: {made.facts.get('error', '')}"
    text = str(made.facts.get("category", "")) or "no class"
    if made.estimate is not None:
        text += f", azimuth {made.estimate[0]:.0f}, elevation {made.estimate[1]:.0f}"
    return text


def draw_tile(path: Path, made: Generated, text: str, *, with_picture: bool) -> Image.Image:
    """Picture and three sides of the mesh in a row, a line of text below."""
    tile = Image.new("RGB", (SIDE * (3 + with_picture), SIDE + LINE), (255, 255, 255))
    place = 0
    if with_picture:
        picture = Image.open(path).convert("RGBA")
        picture.thumbnail((SIDE, SIDE))
        tile.paste(BACKDROP, (0, 0, SIDE, SIDE))
        tile.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2), picture)
        place = SIDE
    if made.vertices is not None and made.faces is not None:
        shape = centred(made.vertices, made.faces)
        azimuth, elevation = made.estimate or (-35.0, 15.0)
        for angle, height in ((azimuth, elevation), (-35.0, 20.0), (145.0, 20.0)):
            view = View(angle, height, 30.0, 0.5 / math.sin(math.radians(15)))
            tile.paste(Image.fromarray(shade(shape, view, SIDE)), (place, 0))
            place += SIDE
    ImageDraw.Draw(tile).text((2, SIDE + 2), f"{path.stem}: {text}"[:95], fill=(0, 0, 0))
    return tile


def centred(vertices: np.ndarray, faces: np.ndarray) -> Shape:
    """A delivered mesh with its box centred and the box's diagonal 1."""
    used = vertices[np.unique(faces)]
    low, high = used.min(0), used.max(0)
    return Shape((vertices - (low + high) / 2) / max(np.linalg.norm(high - low), 1e-9), faces)


def save_tiles(tiles: list[Image.Image], target: Path) -> None:
    """All tiles in columns, as PNG."""
    width, height = tiles[0].size
    lines = -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (width + 6), lines * height), (255, 255, 255))
    for number, tile in enumerate(tiles):
        row, column = divmod(number, COLUMNS)
        sheet.paste(tile, (column * (width + 6), row * height))
    sheet.save(target)


if __name__ == "__main__":
    main()

"""Contact sheets: the mesh beside the marching cubes of its occupancy, to be looked at."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from skimage.measure import marching_cubes

from .formats.mesh import Mesh, make_mesh
from .occupancy import RESOLUTION
from .views.camera import Camera
from .views.render import Light, Renderer

SHEET_LIGHT = Light(
    direction=np.array([-0.5, -0.6, 0.62]), colour=np.full(3, 0.75), ambient=np.full(3, 0.35)
)
SHEET_CAMERA = Camera(azimuth=30, elevation=25, field_of_view=28)
BACKGROUND = (200, 215, 230)


def mesh_of_occupancy(occupancy: np.ndarray) -> Mesh:
    """The surface of bool [n, n, n] over the cube [-0.5, 0.5]³ as a mesh in object space."""
    resolution = occupancy.shape[0]
    padded = np.pad(occupancy, 1).astype(np.float32)
    vertices, faces, _, _ = marching_cubes(padded, 0.5)
    return make_mesh((vertices - 0.5) / resolution - 0.5, faces, (0.75, 0.7, 0.6))


def draw_tile(mesh: Mesh, occupancy: np.ndarray | None, side: int = 110) -> Image.Image:
    """The mesh, and its occupancy to the right of it, on a plain background."""
    pictures = [Renderer(mesh).render(SHEET_CAMERA, SHEET_LIGHT, side=side)]
    if occupancy is not None and occupancy.any() and not occupancy.all():
        solid = mesh_of_occupancy(occupancy)
        pictures.append(Renderer(solid).render(SHEET_CAMERA, SHEET_LIGHT, side=side))
    tile = Image.new("RGB", (side * len(pictures), side), BACKGROUND)
    for i, picture in enumerate(pictures):
        image = Image.fromarray(picture)
        tile.paste(image, (i * side, 0), image)
    return tile


def save_sheet(
    tiles: list[Image.Image], labels: list[str], path: Path, columns: int = 8, rows: int = 8
) -> list[Path]:
    """Lay tiles out with a label under each, one file a page; returns the files."""
    width = max(tile.width for tile in tiles) + 3
    height = max(tile.height for tile in tiles) + 15
    files = []
    for page, start in enumerate(range(0, len(tiles), columns * rows)):
        sheet = Image.new("RGB", (columns * width, rows * height), (255, 255, 255))
        draw = ImageDraw.Draw(sheet)
        for i in range(start, min(start + columns * rows, len(tiles))):
            x, y = (i - start) % columns * width, (i - start) // columns * height
            sheet.paste(tiles[i], (x, y))
            draw.text((x, y + height - 14), labels[i][: width // 6], fill=(0, 0, 0))
        files.append(path.with_name(f"{path.stem}-{page}.png"))
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(files[-1])
    return files


def save_pack_sheets(pack: Path, target: Path) -> list[Path]:
    """For every class of a finished pack: each original's first picture beside its solid.

    Returns the files, `target`/PACK-CLASS-PAGE.png.
    """
    objects = json.loads((pack / "index.json").read_text(encoding="utf-8"))["objects"]
    occupancy = np.load(pack / "occupancy.npy", mmap_mode="r")
    views = np.load(pack / "views.npy", mmap_mode="r")
    cameras = np.load(pack / "views_camera.npy")
    rows, firsts = np.unique(np.load(pack / "views_row.npy"), return_index=True)
    first_view = dict(zip(rows.tolist(), firsts.tolist(), strict=True))
    files = []
    for kind in dict.fromkeys(entry["class"] for entry in objects):
        tiles, labels = [], []
        for row, entry in enumerate(objects):
            if entry["class"] != kind or entry["variant_of"] is not None:
                continue
            view = first_view[row]
            grid = np.unpackbits(occupancy[row]).astype(bool).reshape((RESOLUTION,) * 3)
            camera = Camera(*map(float, cameras[view]))
            tiles.append(_view_and_solid(np.array(views[view]), grid, camera))
            labels.append(f"{entry['split'][:2]} {entry['name'].rpartition('/')[2]}")
        files += save_sheet(tiles, labels, target / f"{pack.name}-{kind}.png", columns=6, rows=9)
    return files


def _view_and_solid(view: np.ndarray, occupancy: np.ndarray, camera: Camera) -> Image.Image:
    """A stored picture uint8 [s, s, 4] and the solid seen by the same camera, side by side."""
    side = view.shape[0]
    solid = Renderer(mesh_of_occupancy(occupancy)).render(camera, SHEET_LIGHT, side=side)
    tile = Image.new("RGB", (2 * side, side), BACKGROUND)
    for i, picture in enumerate((view, solid)):
        image = Image.fromarray(picture)
        tile.paste(image, (i * side, 0), image)
    return tile

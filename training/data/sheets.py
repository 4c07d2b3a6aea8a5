"""Contact sheets: the mesh beside the marching cubes of its occupancy, to be looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from skimage.measure import marching_cubes

from .mesh import Mesh, make_mesh
from .render import Camera, Light, Renderer

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

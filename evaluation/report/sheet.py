"""A sheet to look at: the best, middling and worst predictions of an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from ...training.data.formats.mesh import face_normals
from ..metrics.alignment import DELIVERED
from ..metrics.shape import Shape, fit_box
from ..metrics.silhouette import View

SIDE = 150
SHOWN = 6
"""Of each of best, middling and worst."""
BACKDROP = (200, 215, 230)
ROW_HEIGHT = SIDE + 16


@dataclass(frozen=True)
class Tile:
    """One picture with the truth and the prediction as delivered (None: it failed)."""

    row: dict[str, Any]
    picture: Path
    view: View
    truth: Shape
    prediction: Shape | None


def choose_rows(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Best, middling and worst rows by IoU as delivered, an object once in each."""
    ranked = sorted(rows, key=lambda row: -row[DELIVERED]["iou"])

    def take(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first = {row["id"]: row for row in reversed(found)}
        return [row for row in found if first[row["id"]] is row][:SHOWN]

    middle = sorted(
        ranked,
        key=lambda row: abs(row[DELIVERED]["iou"] - ranked[len(ranked) // 2][DELIVERED]["iou"]),
    )
    return {"best": take(ranked), "middling": take(middle), "worst": take(ranked[::-1])}


def shade(shape: Shape, view: View, side: int = SIDE) -> np.ndarray:
    """A grey picture uint8 [side, side, 3] of a shape in object space; seen inside out: red."""
    eye, rays = view.rays(side)
    hits = shape.scene.first_hits(np.broadcast_to(eye, rays.shape), rays)
    normals = face_normals(shape.mesh)[0][hits.faces]
    facing = -np.einsum("nd,nd->n", normals, rays[hits.rays])
    right, up, forward = view.axes()
    light = -forward + 0.5 * up - 0.5 * right
    lit = np.einsum("nd,d->n", normals * np.sign(facing)[:, None], light / np.linalg.norm(light))
    grey = 60 + 185 * lit.clip(0, 1)
    picture = np.tile(np.array(BACKDROP, np.uint8), (side * side, 1))
    picture[hits.rays] = grey[:, None].astype(np.uint8)
    picture[hits.rays[facing < 0], 1:] //= 2
    return picture.reshape(side, side, 3)


def draw_tile(tile: Tile) -> Image.Image:
    """Picture, truth, prediction by the picture's camera; truth, prediction from another side."""
    canvas = Image.new("RGB", (5 * SIDE, ROW_HEIGHT), (255, 255, 255))
    picture = Image.open(tile.picture).convert("RGBA").resize((SIDE, SIDE))
    canvas.paste(BACKDROP, (0, 0, SIDE, SIDE))
    canvas.paste(picture, (0, 0), picture)
    other = View(tile.view.azimuth + 120, 20, 30, 2.1)
    placed = None
    if tile.prediction is not None:
        placed = tile.prediction.placed(fit_box(tile.prediction.mesh.vertices, tile.truth))
    for number, (shape, view) in enumerate(
        ((tile.truth, tile.view), (placed, tile.view), (tile.truth, other), (placed, other)), 1
    ):
        if shape is not None:
            canvas.paste(Image.fromarray(shade(shape, view)), (number * SIDE, 0))
    scores = tile.row[DELIVERED]
    text = f"{tile.row['class']}  IoU {scores['iou']:.2f}  normals {scores['normals']:.2f}  "
    text += f"yaw {tile.row['yaw'] or 0:.0f}  {tile.row['id'][-60:]}"
    ImageDraw.Draw(canvas).text((2, SIDE + 2), text, fill=(0, 0, 0))
    return canvas


def save_sheet(tiles: dict[str, list[Tile]], path: Path) -> Path:
    """One column for each name (best, middling, worst), written as PNG."""
    height = max(len(column) for column in tiles.values()) * ROW_HEIGHT + 20
    width = 5 * SIDE + 12
    sheet = Image.new("RGB", (width * len(tiles), height), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    for number, (name, column) in enumerate(tiles.items()):
        title = f"{name}: picture | truth, prediction by its camera | the same from elsewhere"
        draw.text((number * width + 2, 3), title, fill=(0, 0, 0))
        for line, tile in enumerate(column):
            sheet.paste(draw_tile(tile), (number * width, 20 + line * ROW_HEIGHT))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
    return path

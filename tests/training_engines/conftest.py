"""A tiny training pack in the format that `training.data` writes: boxes on legs."""

import json

import numpy as np
import pytest

from bozzetto.inference.engines.imnet.networks import Architecture as ImnetArchitecture
from bozzetto.inference.engines.pixel.networks import Architecture
from bozzetto.training.data.views.coding import encode_picture
from bozzetto.training.shared.pack import GRID, Pack

CLASSES = ("chair", "table")
POINTS = 512
VIEWS = 2
CAMERA = (0, 0, 2, 0, 0, 0.5 / 28.65, 28.65)  # from the front and far away, as the masks are seen


def parts_of(number):
    """Boxes as (centre, half size): a top whose width tells the object, and one leg."""
    width = 0.12 + 0.02 * number
    return [((0.05, 0, 0.1), (width, 0.2, 0.06)), ((-0.05, 0, -0.1), (0.05, 0.05, 0.2))]


def is_inside(parts, points):
    return np.any(
        [np.all(abs(points - np.array(c)) <= np.array(h), axis=-1) for c, h in parts], axis=0
    )


def write_pack(folder, count=8, seed=0, fine=0):
    """fine: so many of the objects get a large picture."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    axis = (np.arange(GRID) + 0.5) / GRID - 0.5
    cells = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    occupancy, points, inside, views, objects, large = [], [], [], [], [], []
    for number in range(count):
        parts = parts_of(number)
        solid = is_inside(parts, cells)
        near = rng.uniform(-0.35, 0.35, (POINTS, 3)).astype(np.float16)
        occupancy.append(np.packbits(solid.reshape(-1)))
        points.append(near)
        inside.append(np.packbits(is_inside(parts, near.astype(np.float32))))
        for view in range(VIEWS):
            mask = np.kron(solid.any(1).T[::-1], np.ones((2, 2)))
            picture = np.zeros((128, 128, 4), np.uint8)
            picture[..., :3] = 60 + 40 * view
            picture[..., 3] = 255 * mask
            views.append(picture)
        if number < fine:
            large.append(encode_picture(picture.repeat(3, 0).repeat(3, 1)))
        objects.append(
            {
                "id": f"synthetic/{number}", "package": "synthetic", "name": f"box {number}",
                "class": CLASSES[number % 2], "generated": number == 5,
                "licence": "CC0", "author": "us", "group": number,
                "split": "validation" if number % 4 == 3 else "train", "variant_of": None,
                "size_m": [0.6, 0.0, 0.8] if number % 2 else None,
            }
        )  # fmt: skip
    rows = np.repeat(np.arange(count), VIEWS).astype(np.int32)
    for name, array in {
        "occupancy": np.array(occupancy), "points": np.array(points), "inside": np.array(inside),
        "views": np.array(views), "views_row": rows,
        "views_camera": np.tile(np.float32(CAMERA), (len(rows), 1)),
    }.items():  # fmt: skip
        np.save(folder / f"{name}.npy", array)
    if fine:
        np.save(folder / "fine.npy", np.frombuffer(b"".join(large), np.uint8))
        np.save(folder / "fine_ends.npy", np.cumsum([len(data) for data in large]))
        np.save(folder / "fine_row.npy", np.arange(fine, dtype=np.int32))
        np.save(folder / "fine_camera.npy", np.tile(np.float32(CAMERA), (fine, 1)))
    (folder / "index.json").write_text(
        json.dumps({"meta": {"classes": CLASSES}, "objects": objects})
    )
    return folder


@pytest.fixture(scope="session")
def pack_folder(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def pack(pack_folder):
    return Pack(pack_folder)


@pytest.fixture(scope="session")
def fine_folder(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("fine"), fine=7)


@pytest.fixture
def fine_pack(fine_folder):
    return Pack(fine_folder)


@pytest.fixture
def tiny():
    """Small networks of both engines; the image network has one size only."""
    imnet = ImnetArchitecture(
        latent=16, decoder=(32, 32, 32, 16, 16, 16), frequencies=2, voxel_encoder=(2, 4, 4, 8),
        image_encoder="efficientnet", image_channels=4, classes=2, planes=4, voxel_side=32,
        box=True,
    )  # fmt: skip
    pixel = Architecture(
        classes=CLASSES, widths=(16, 16, 16), bins=8, volume=4, detail=4, code=8, hidden=16,
        azimuths=12, latent=16, planes=4, frequencies=2, plane_width=32,
    )  # fmt: skip
    return pixel, imnet

"""The camera that travels with a mesh sees the mesh where the picture shows the object."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from test_pixel_engine import matte_network, metadata, write

from bozzetto.inference.pipeline import Pipeline
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import Cancel, Pinhole, Source, no_progress
from bozzetto.inference.view import describe_view


def project(view, points, size):
    """Points [N, 3] of the mesh's space -> pixels [N, 2], from the upper left corner."""
    local = (points - np.array(view["eye"])) @ np.array(view["axes"]).T
    plane = local[:, :2] / local[:, 2:]
    half = (plane - np.array(view["centre"])) / np.array(view["half_size"])
    return (half * [1, -1] + 1) / 2 * np.array(size)


def draw_silhouette(view, mesh, size):
    image = Image.new("1", size)
    draw = ImageDraw.Draw(image)
    corners = project(view, mesh.vertices.astype(np.float64), size)
    for face in mesh.faces:
        draw.polygon([tuple(corner) for corner in corners[face]], fill=1)
    return np.asarray(image)


@pytest.fixture(scope="module")
def pipeline():
    threads = torch.get_num_threads()
    yield Pipeline()
    torch.set_deterministic_debug_mode("default")
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("size", "facing", "sure"),
    [
        ((400, 240), "automatic", 0.5),
        ((240, 400), "automatic", 1.0),  # never sure: the object is turned
        ((240, 400), "toward_left", 0.5),
    ],
)
def test_delivered_mesh_covers_the_cut_object(pipeline, tmp_path, size, facing, sure):
    """The network of the test takes what is under the matte for the object (a prism)."""
    image = Image.new("RGBA", size)
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 60, 90, 200), fill=(200, 90, 30, 255))  # an L, not in the middle
    draw.rectangle((40, 150, 190, 200), fill=(200, 90, 30, 255))
    image.save(tmp_path / "L.png")
    network = matte_network()
    network.camera_2.bias[5:7] = 5  # it sees the object from behind, all but surely
    path = write(tmp_path / "matte.safetensors", network, metadata(sure=sure))
    settings = GenerateSettings(
        engine="pixel", checkpoint=str(path), resolution=64, facing=facing, symmetry="off"
    )
    source = Source(path=str(tmp_path / "L.png"))
    mesh = pipeline.generate(
        source, settings.changed(size=1.7), progress=no_progress, cancel=Cancel()
    )
    view = mesh.info["view"]
    if sure == 1.0:
        assert view["axes"][2][1] > 0.9, "seen from the front, once it was turned"
    truth = np.asarray(image)[..., 3] > 0
    drawn = draw_silhouette(view, mesh, size)
    overlap = (truth & drawn).sum() / (truth | drawn).sum()
    assert overlap > 0.9, overlap
    mirrored = truth[:, ::-1]
    assert (mirrored & drawn).sum() / (mirrored | drawn).sum() < 0.6


def test_view_of_the_whole_picture_from_that_of_the_square():
    pinhole = Pinhole(
        eye=(0.0, -2.0, 0.5),
        axes=((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
        half_side=0.3,
        centre=(0.1, -0.05),
    )
    placed = {"scale": 2.0, "ground": (0.25, 0.0, -0.5)}
    square = describe_view(pinhole, crop=(0.0, 0.0, 100.0), size=(100, 100), **placed)
    assert square["eye"] == pytest.approx([-0.5, -4.0, 2.0])
    assert square["half_size"] == pytest.approx([0.3, 0.3])
    assert square["centre"] == pytest.approx([0.1, -0.05])
    # The square is the right lower quarter of a picture of twice its size.
    whole = describe_view(pinhole, crop=(100.0, 100.0, 100.0), size=(200, 200), **placed)
    assert whole["half_size"] == pytest.approx([0.6, 0.6])
    assert whole["centre"] == pytest.approx([0.1 - 0.3, -0.05 + 0.3])

"""A coating's request and answer cross the pipe unharmed; damaged ones are refused."""

import io

import numpy as np
import pytest

from bozzetto.inference.coat_messages import (
    make_coat_request,
    make_coating,
    read_coat_request,
    read_coating,
)
from bozzetto.inference.messages import make_result, read_result
from bozzetto.inference.protocol import read_message, write_message
from bozzetto.inference.types import (
    BaseMesh,
    CoatRequest,
    ColourSource,
    PackedCoating,
    Pinhole,
    PolygonMesh,
)

AXES = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
PNG = b"\x89PNG\r\n\x1a\n and so on"


def make_source(mirror=0.25):
    rgba = np.arange(8 * 8 * 4, dtype=np.uint8).reshape(8, 8, 4)
    return ColourSource(rgba, Pinhole((0.5, -3.0, 1.0), AXES, 0.25, (0.01, -0.02)), mirror)


def make_request(**changed):
    vertices = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    corners = np.array([0, 1, 2, 3, 2, 3, 4], np.int32)
    mesh = PolygonMesh(vertices, corners, np.array([4, 3], np.int32))
    return CoatRequest(**{"mesh": mesh, "source": make_source(), "side": 512, **changed})


def make_answer(request, **changed):
    corners, vertices = len(request.mesh.corners), len(request.mesh.vertices)
    values = {
        "uv": np.linspace(0, 1, 2 * corners, dtype=np.float32).reshape(-1, 2),
        "texture": PNG,
        "colours": np.full((vertices, 4), 7, np.uint8),
        "report": {"side": request.side},
    }
    return PackedCoating(**{**values, **changed})


def send(header, arrays):
    stream = io.BytesIO()
    write_message(stream, header, arrays)
    stream.seek(0)
    return read_message(stream)


def assert_same_source(found, expected):
    np.testing.assert_array_equal(found.rgba, expected.rgba)
    assert found.pinhole == expected.pinhole
    assert found.mirror == expected.mirror


@pytest.mark.parametrize("mirror", [None, 0.25])
def test_request_returns_as_it_was(mirror):
    request = make_request(source=make_source(mirror), delight=0.5)
    found = read_coat_request(send(*make_coat_request(3, request)))
    for name in ("vertices", "corners", "sizes"):
        np.testing.assert_array_equal(getattr(found.mesh, name), getattr(request.mesh, name))
    assert_same_source(found.source, request.source)
    assert (found.side, found.delight) == (512, 0.5)


def test_answer_returns_as_it_was():
    request = make_request()
    answer = make_answer(request)
    found = read_coating(send(*make_coating(3, answer)), request)
    np.testing.assert_array_equal(found.uv, answer.uv)
    np.testing.assert_array_equal(found.colours, answer.colours)
    assert (found.texture, found.report) == (PNG, {"side": 512})


def test_mesh_carries_its_colours():
    faces = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int32)
    mesh = BaseMesh(np.eye(4, 3, dtype=np.float32), faces, "x", colour=make_source())
    assert_same_source(read_result(send(*make_result(1, mesh))).colour, mesh.colour)


@pytest.mark.parametrize(
    "damage",
    [
        lambda header, arrays: header.update(side=100_000),
        lambda header, arrays: header.update(delight=float("nan")),
        lambda header, arrays: header["colour"]["pinhole"].update(eye=[0.0, float("inf"), 0.0]),
        lambda header, arrays: header["colour"]["pinhole"].update(axes=[[1, 0, 0], [0, 1, 0]]),
        lambda header, arrays: arrays.update(corners=arrays["corners"] + 1),
        lambda header, arrays: arrays.update(sizes=arrays["sizes"][:1]),
        lambda header, arrays: arrays.update(picture=arrays["picture"][:4]),
    ],
)
def test_damaged_request_is_refused(damage):
    header, arrays = make_coat_request(3, make_request())
    damage(header, arrays)
    with pytest.raises(ValueError):  # noqa: PT011
        read_coat_request(send(header, arrays))


@pytest.mark.parametrize(
    "changed",
    [
        {"uv": np.zeros((3, 2), np.float32)},
        {"uv": np.full((7, 2), np.nan, np.float32)},
        {"texture": b"GIF89a"},
        {"colours": np.zeros((4, 4), np.uint8)},
    ],
)
def test_answer_to_something_else_is_refused(changed):
    request = make_request()
    with pytest.raises(ValueError):  # noqa: PT011
        read_coating(send(*make_coating(3, make_answer(request, **changed))), request)

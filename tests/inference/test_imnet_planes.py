"""The decoder with feature planes is one field, however it is asked."""

import pytest
import torch

from bozzetto.inference.engines.imnet.networks import Architecture, SingleView
from bozzetto.inference.engines.imnet.planes import PlaneDecoder


@pytest.fixture
def decoder():
    torch.manual_seed(0)
    return PlaneDecoder(latent=8, planes=4, frequencies=2, width=16).eval()


def test_folding_a_latent_changes_nothing(decoder):
    points, z = torch.rand(2, 300, 3) - 0.5, torch.rand(2, 8)
    with torch.no_grad():
        both = decoder(points, z)
    for number in range(2):
        assert torch.allclose(decoder.fold(z[number])(points[number]), both[number], atol=1e-5)


def test_latents_and_points_matter(decoder):
    points, z = torch.rand(1, 50, 3) - 0.5, torch.rand(2, 8)
    first, second = decoder.fold(z[0])(points[0]), decoder.fold(z[1])(points[0])
    assert not torch.allclose(first, second)
    assert first.std() > 0


def test_each_plane_sees_its_two_axes(decoder):
    """With the other planes and the points' own features silenced, only two axes count."""
    with torch.no_grad():
        decoder.linear_1.weight[:, 4:] = 0  # keep the xy plane
    field = decoder.fold(torch.rand(8))
    points = torch.rand(40, 3) - 0.5
    moved = points.clone()
    moved[:, 2] = torch.rand(40) - 0.5
    assert torch.allclose(field(points), field(moved), atol=1e-6)
    moved[:, 0] = torch.rand(40) - 0.5
    assert not torch.allclose(field(points), field(moved), atol=1e-6)


def test_pooled_encoder_gives_latent_and_classes():
    model = SingleView(
        Architecture(
            latent=8, decoder=(16,) * 6, image_base=4, image_channels=2, image_pool=True,
            classes=5, planes=4,
        )
    ).eval()  # fmt: skip
    with torch.no_grad():
        z, logits = model.img_encoder.encode(torch.rand(3, 2, 128, 128))
    assert z.shape == (3, 8)
    assert logits.shape == (3, 5)
    assert 0 < z.min() <= z.max() < 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": 100},
        {"planes": -1},
        {"voxel_side": 48},
        {"planes": 4, "decoder": (8, 16, 8, 8, 8, 8)},
    ],
)
def test_nonsense_architectures_are_refused(wrong):
    with pytest.raises(ValueError, match=r"is 0 to 9|planes|voxel_side"):
        Architecture(**wrong)

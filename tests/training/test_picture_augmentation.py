"""Augmented pictures: what must change, what must not."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from bozzetto.training.pictures import Augmentation, augment_pictures
from bozzetto.training.pictures.augment import draw_moves, move
from bozzetto.training.pictures.backgrounds import make_backgrounds
from bozzetto.training.pictures.draws import Draws

NOTHING = Augmentation(**{field.name: 0.0 for field in fields(Augmentation)})


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def discs(count: int = 8, side: int = 64) -> np.ndarray:
    """uint8 [count, side, side, 4]: orange discs, the left half darker."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    views = np.zeros((count, side, side, 4), np.uint8)
    views[..., 3] = np.where(x**2 + y**2 < (0.4 * side) ** 2, 255, 0)
    views[..., :3] = np.where(x[..., None] < 0, (100, 60, 20), (250, 150, 50))
    views[..., :3][views[..., 3] == 0] = 0
    return views


def mean_overlap(alpha: torch.Tensor, views: np.ndarray) -> float:
    before, after = torch.from_numpy(views[..., 3] > 127), alpha[:, 0] > 0.5
    union = (before | after).sum((1, 2)).clamp(min=1)
    return float(((before & after).sum((1, 2)) / union).mean())


def test_nothing_asked_nothing_changed() -> None:
    views = discs()
    result = augment_pictures(views, generator(), augmentation=NOTHING)
    assert result.shape == (8, 4, 64, 64)
    expected = torch.from_numpy(views).permute(0, 3, 1, 2) / 255
    torch.testing.assert_close(result[:, 3:], expected[:, 3:], atol=1e-5, rtol=0)
    seen = expected[:, 3:] > 0
    torch.testing.assert_close(result[:, :3] * seen, expected[:, :3] * seen, atol=1e-5, rtol=0)


def test_default_is_finite_in_range_and_mostly_the_same_object() -> None:
    views = discs(64)
    before = views.copy()
    result = augment_pictures(views, generator())
    assert np.array_equal(views, before)
    assert torch.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1
    assert 0.75 < mean_overlap(result[:, 3:], views) < 0.99


def test_mirror_flips_only_what_was_asked() -> None:
    mirror = np.array([True, False] * 4)
    result = augment_pictures(discs(), generator(), mirror, NOTHING)
    left, right = result[:, 0, 32, 16], result[:, 0, 32, 48]
    assert torch.equal(left > right, torch.from_numpy(mirror))


def test_same_state_same_pictures_and_others_otherwise() -> None:
    one, same, other = (augment_pictures(discs(), generator(seed)) for seed in (4, 4, 5))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("name", ["edges", "holes", "blobs"])
def test_matte_errors_leave_the_colours_alone(name: str) -> None:
    plain = augment_pictures(discs(16), generator(), augmentation=NOTHING)
    changed = augment_pictures(discs(16), generator(), augmentation=replace(NOTHING, **{name: 1}))
    assert (plain[:, 3:] - changed[:, 3:]).abs().mean() > 1e-3
    seen = plain[:, 3:] == 1
    torch.testing.assert_close(plain[:, :3] * seen, changed[:, :3] * seen)


@pytest.mark.parametrize("name", ["colours", "blur", "noise", "jpeg"])
def test_camera_leaves_the_matte_alone(name: str) -> None:
    plain = augment_pictures(discs(), generator(), augmentation=NOTHING)
    changed = augment_pictures(discs(), generator(), augmentation=replace(NOTHING, **{name: 1}))
    torch.testing.assert_close(plain[:, 3:], changed[:, 3:])
    assert (plain[:, :3] - changed[:, :3]).abs().mean() > 1e-3


def test_clean_cut_outs_stay_as_they_are() -> None:
    worn = {field.name: 1.0 for field in fields(Augmentation) if field.name != "clean"}
    still = dict.fromkeys(("turn", "scale", "shift", "cut_off"), 0.0)
    plan = Augmentation(clean=1.0, **(worn | still))
    plain = augment_pictures(discs(), generator(), augmentation=NOTHING)
    result = augment_pictures(discs(), generator(), augmentation=plan)
    torch.testing.assert_close(result[:, 3:], plain[:, 3:])
    seen = plain[:, 3:] == 1
    torch.testing.assert_close(result[:, :3] * seen, plain[:, :3] * seen, atol=1e-4, rtol=0)
    some = augment_pictures(discs(64), generator(), augmentation=replace(plan, clean=0.5))
    alike = (some[:, 3:] == plain[:1, 3:]).all(dim=(1, 2, 3)).float().mean()
    assert 0.3 < alike < 0.7


def test_background_shows_where_the_matte_is_too_wide() -> None:
    plan = replace(NOTHING, background=1.0)
    result = augment_pictures(discs(32), generator(), augmentation=plan)
    outside = result[:, :3, :6, :6].mean((2, 3))
    assert outside.std(0).min() > 0.1  # another one in every picture
    inside = result[:, :3, 32, 48]
    torch.testing.assert_close(inside, torch.tensor([250, 150, 50]).expand(32, 3) / 255)
    opaque = augment_pictures(discs(), generator(), augmentation=replace(plan, opaque=1.0))
    assert (opaque[:, 3] == 1).all()


def test_something_in_front_hides_the_object_and_its_matte() -> None:
    plan = replace(NOTHING, background=1.0, strips=1.0)
    result = augment_pictures(discs(32), generator(), augmentation=plan)
    area = result[:, 3].sum((1, 2)) / (discs(1)[..., 3].sum() / 255)
    assert area.min() > 0.6
    assert 0.8 < area.mean() < 0.99


def test_cut_off_takes_objects_out_of_the_picture_in_part() -> None:
    rgba = torch.from_numpy(discs(64)).permute(0, 3, 1, 2).float() / 255
    moved = move(rgba, draw_moves(64, generator(), replace(NOTHING, cut_off=1.0)))
    border = torch.cat((moved[:, 3, 0], moved[:, 3, -1], moved[:, 3, :, 0], moved[:, 3, :, -1]), 1)
    assert (border.amax(1) > 0.5).float().mean() > 0.3
    assert (moved[:, 3].mean((1, 2)) > 0.1).all()


@pytest.mark.parametrize("side", [32, 65, 160])
def test_any_side_and_a_single_picture(side: int) -> None:
    assert augment_pictures(discs(1, side), generator()).shape == (1, 4, side, side)
    rgba = torch.from_numpy(discs(3, side)).permute(0, 3, 1, 2).float() / 255
    behind = make_backgrounds(rgba, Draws(3, generator()))
    assert behind.shape == (3, 3, side, side)
    assert behind.min() >= 0
    assert behind.max() <= 1

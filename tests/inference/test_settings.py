"""The record of settings: what it refuses, and its way through JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bozzetto.inference.errors import SettingsError
from bozzetto.inference.settings import SUBJECTS, GenerateSettings

PART = st.floats(0, 1, allow_nan=False)


@given(st.sampled_from(SUBJECTS), PART, PART)
def test_subject_and_point_survive_json(subject, x, y):
    settings = GenerateSettings(subject=subject, point=(x, y))
    assert GenerateSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    assert settings.to_dict()["point"] == [x, y]


def test_records_from_before_several_objects_still_load():
    old = GenerateSettings().to_dict()
    del old["subject"], old["point"]
    assert GenerateSettings.from_dict(old) == GenerateSettings()


@pytest.mark.parametrize(
    "point",
    [(0.5,), (0.1, 0.2, 0.3), (-0.1, 0.5), (0.5, 1.5), (float("nan"), 0.5), "ab", None, 0.5],
)
def test_point_outside_of_the_picture_is_refused(point):
    with pytest.raises(SettingsError, match="point"):
        GenerateSettings(subject="point", point=point)


def test_unknown_subject_is_refused_by_name():
    with pytest.raises(SettingsError, match="smallest") as caught:
        GenerateSettings(subject="smallest")
    assert "central" in caught.value.fix

"""What weights were trained on never becomes what they are judged on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bozzetto.training.data.frozen import digest_of, keep_frozen, read_frozen, write_frozen

SPLITS = ("train", "validation", "test")


@given(st.dictionaries(st.text(min_size=1), st.sampled_from(SPLITS), max_size=30))
def test_what_is_written_is_read(tmp_path_factory, splits):
    path = tmp_path_factory.mktemp("frozen") / "splits.txt"
    write_frozen(splits, path)
    found = read_frozen(path)
    assert found == {digest_of(name): split for name, split in splits.items()}
    write_frozen({"another": "test"}, path)
    assert len(read_frozen(path)) == len(found.keys() | {digest_of("another")})


def test_groups_follow_their_frozen_members():
    ids = ["a", "b", "c", "d", "e"]
    groups = np.array([0, 0, 1, 1, 2])
    frozen = {digest_of("a"): "test", digest_of("c"): "test", digest_of("d"): "train"}
    fresh = ["train", "train", "validation", "validation", "validation"]
    kept = keep_frozen(ids, groups, fresh, frozen)
    assert kept == ["test", "test", "train", "train", "validation"]


def test_without_a_file_nothing_is_frozen(tmp_path):
    assert read_frozen(tmp_path / "none.txt") == {}
    (tmp_path / "bad.txt").write_text("0123abcdq\n")
    with pytest.raises(ValueError, match="0123abcdq"):
        read_frozen(tmp_path / "bad.txt")

"""Which pictures a batch takes, and what its results are called."""

import pytest

from bozzetto.inference.batch.plan import find_pictures, name_results, natural_key, plan_batch
from bozzetto.inference.errors import PictureError


def fill(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


def list_names(found):
    return [path.name for path in found.pictures]


def test_folder_gives_its_pictures_in_natural_order_and_notes_the_rest(tmp_path):
    names = ("chair10.png", "Chair2.JPG", "chair1.webp", "chair.png", "chair.jpg", "notes.txt")
    folder = fill(tmp_path / "chairs", *names)
    fill(folder, ".hidden.png", "Thumbs.db", "tool.blend")
    fill(folder / "old", "chair0.png")
    found = find_pictures(folder)
    ordered = ["chair.jpg", "chair.png", "chair1.webp", "Chair2.JPG", "chair10.png"]
    assert list_names(found) == ordered
    assert all(path.is_absolute() for path in found.pictures)
    text = " ".join(found.notes)
    for word in ("2 files", "notes.txt", "tool.blend", "1 folder", "old"):
        assert word in text
    assert "Thumbs.db" not in text
    assert ".hidden" not in text


def test_named_files_keep_their_order_and_come_once(tmp_path):
    folder = fill(tmp_path / "a", "2.png", "1.png", "readme")
    paths = [folder / "readme", folder / "2.png", folder, str(folder / "2.png")]
    assert list_names(find_pictures(paths)) == ["readme", "2.png", "1.png"]


def test_missing_file_among_others_is_left_to_fail_by_itself(tmp_path):
    folder = fill(tmp_path / "a", "1.png")
    found = find_pictures([folder / "gone.png", folder / "1.png"])
    assert list_names(found) == ["gone.png", "1.png"]


@pytest.mark.parametrize("kind", ["empty", "text only", "missing", "nothing"])
def test_nothing_to_do_is_said_with_a_fix(tmp_path, kind):
    folder = fill(tmp_path / "a", *(["notes.txt"] if kind == "text only" else []))
    paths = {"missing": tmp_path / "none", "nothing": []}.get(kind, folder)
    with pytest.raises(PictureError) as caught:
        find_pictures(paths)
    assert caught.value.fix
    if kind != "nothing":
        assert str(paths) in caught.value.message


def test_folder_without_permission(tmp_path, monkeypatch):
    folder = fill(tmp_path / "a", "1.png")

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bozzetto.inference.batch.plan.os.scandir", refuse)
    with pytest.raises(PictureError, match="cannot be read: Permission denied"):
        find_pictures(folder)


def test_natural_order():
    names = ["b", "a10", "a9", "A10", "a010", "", "10", "9", "椅子2", "椅子10", "a²"]
    ordered = sorted(names, key=natural_key)
    assert ordered.index("9") < ordered.index("10")
    assert ordered.index("a9") < ordered.index("a10")
    assert ordered.index("椅子2") < ordered.index("椅子10")
    names.reverse()
    assert sorted(names, key=natural_key) == ordered, "the same whatever came first"


def test_results_of_one_stem_get_names_of_their_own(tmp_path):
    paths = [tmp_path / name for name in ("a.png", "A.jpg", "a.webp", "a_2.png", "summary.png")]
    names = name_results(paths, taken=("summary",))
    assert names == ["a", "A_2", "a_3", "a_2_2", "summary_2"]
    assert len({name.casefold() for name in names}) == len(names)


def test_names_given_before_stay(tmp_path):
    first, second = tmp_path / "x" / "a.png", tmp_path / "y" / "a.png"
    assert name_results([first, second], known={str(second): "a"}) == ["a_2", "a"]


def test_batch_is_called_after_the_folder(tmp_path):
    folder = fill(tmp_path / "chairs", "1.png", "2.png")
    assert plan_batch(folder).name == "chairs"
    other = fill(tmp_path / "tables", "3.png")
    assert plan_batch([folder, other]).name == tmp_path.name
    assert [row.name for row in plan_batch([folder, other]).rows] == ["1", "2", "3"]

"""Around a generation in the real window: compare, replace, history, other sources."""

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def tools(play_steps, extension):
    names = ["car.png", "airplane.png"]
    report = play_steps(
        "tools",
        extension=extension,
        parameters={"picture": str(EXAMPLES / "car.png"), "folder": str(EXAMPLES), "names": names},
        shown=(EXAMPLES,),
        size=(1280, 1500),
        limit=900.0,
    )
    if report.problem:
        pytest.fail(f"tools: {report.problem}")
    return report


def test_view_looks_through_the_picture_s_camera_and_back(tools):
    facts = tools.facts
    assert facts["perspective"] == "CAMERA"
    assert facts["perspective_after"] == "PERSP"
    assert facts["compare_left"] is True
    assert facts["cameras_left"] == 0


def test_object_is_replaced_in_one_undo_step(tools):
    facts = tools.facts
    replaced = facts["replaced"]
    assert replaced["faces"] > 2 * replaced["faces_before"]
    assert replaced["location"] == [0.5, 0.25, 0.0]
    assert replaced["modifiers"] == ["Smooth"]
    assert replaced["objects"] == 1
    assert facts["faces_after_undo"] == replaced["faces_before"]


def test_history_runs_again_and_restores(tools):
    facts = tools.facts
    assert facts["history"] == ["car", "car"]
    assert facts["objects_after_run"] == 1
    assert facts["restored"][:2] == ["64", "pixel"]


def test_empty_clipboard_is_said_and_moves_nothing(tools):
    facts = tools.facts
    message, fix = facts["paste_failure_of_blender"]
    assert "clipboard" in message
    assert fix
    assert facts["areas_kept"] is True
    assert facts["areas_kept_after_borrowing"] is True


def test_dropped_pictures_stand_side_by_side(tools):
    (first, second) = sorted(tools.facts["dropped"], key=lambda entry: entry[1])
    assert first[2] < second[1]


def test_image_editor_generates(tools):
    assert tools.facts["from_editor"] is True
    assert tools.leftover == []

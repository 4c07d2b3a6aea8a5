"""An artist's session in the real window, with the built extension and the bundled weights."""

import pytest


@pytest.fixture(scope="module")
def generated(play_artist):
    return play_artist("generate")


@pytest.fixture(scope="module")
def interrupted(play_artist):
    return play_artist("interrupted")


@pytest.fixture(scope="module")
def editing(play_artist):
    return play_artist("editing")


def test_steps_end_and_leave_no_process(generated):
    assert generated.facts["worker_at_the_end"], "the worker was to be warm when Blender quit"
    assert generated.leftover == []


def test_panel_offers_picture_class_detail_and_the_button_in_this_order(generated):
    buttons = generated.facts["buttons"]
    wanted = ("images[", "bozzetto.category", "bozzetto.resolution", "bozzetto.generate(")
    rows = [next((i for i, text in enumerate(buttons) if name in text), -1) for name in wanted]
    assert -1 not in rows, buttons
    assert rows == sorted(rows), buttons


def test_click_starts_a_job_and_the_window_goes_on_answering(generated):
    facts = generated.facts
    assert facts["busy_after_click"] is True
    assert facts["view_turned_while_busy"] is True
    print(
        f"largest gap of a 0.1 s timer: {facts['largest_gap']} s "
        f"(idle: {facts['largest_gap_when_idle']} s), "
        f"cold start to object: {facts['seconds_to_object']} s"
    )
    # What the machine does beside this delays an idle window, too.
    assert facts["largest_gap"] < 1.0 + 2 * facts["largest_gap_when_idle"]


def test_progress_moves_forward(generated):
    progress = generated.facts["progress"]
    fractions = [fraction for _, fraction in progress]
    assert fractions == sorted(fractions), progress
    assert len(set(fractions)) >= 4, progress
    assert len({phase for phase, _ in progress}) >= 2, progress


def test_result_is_one_selected_object_on_the_floor_in_its_collection(generated):
    (item,) = generated.facts["result"]
    assert item["name"] == "chair"
    assert item["collections"] == ["Bozzetto"]
    assert item["selected"] is True
    assert item["active"] is True
    assert item["faces"] > 500
    assert item["low"][2] == pytest.approx(0.0, abs=1e-4)
    for axis in (0, 1):
        assert item["low"][axis] == pytest.approx(-item["high"][axis], abs=1e-3)
    assert 0.5 < item["high"][2] < 2.0, "a chair is about a metre high"


def test_one_ctrl_z_removes_exactly_the_result_and_redo_brings_it_back(generated):
    facts = generated.facts
    assert facts["after_undo"] == facts["before"]
    assert facts["after_redo"] == facts["after_budget"]


def test_redo_panel_shapes_the_result_again(generated):
    facts = generated.facts
    assert facts["budget_field_found"] is True
    assert facts["last_operator"] == "BOZZETTO_OT_insert_result"
    (item,) = facts["after_budget"]
    assert item["faces"] == pytest.approx(500, rel=0.1)
    assert item["name"] == facts["result"][0]["name"]
    assert item["high"] == pytest.approx(facts["result"][0]["high"], rel=0.05)


def test_cancel_button_stops_at_once_and_changes_nothing(interrupted):
    facts = interrupted.facts
    assert facts["busy_before_cancel"] is True
    assert facts["seconds_to_cancel"] < 2.0
    assert facts["after_cancel"] == facts["before"]


def test_killed_worker_costs_a_message_and_the_next_click_works(interrupted):
    facts = interrupted.facts
    assert facts["crash_noticed"] is True
    assert "worker" in facts["failure"].lower()
    assert facts["after_crash"] == facts["before"]
    assert facts["objects_at_last"] == 1
    assert facts["failure_forgotten"] is True
    assert interrupted.leftover == []


def test_result_waits_until_the_artist_leaves_edit_mode(editing):
    facts = editing.facts
    assert facts["mode"] == facts["mode_with_result"] == "EDIT_MESH"
    assert facts["result_came"] is True
    assert facts["objects_while_editing"] == 0
    (item,) = facts["result"]
    assert item["selected"] is True
    assert facts["cube"]["mode"] == "OBJECT"


@pytest.mark.parametrize(("kill", "status"), [(False, 0), (True, -9)])
def test_blender_that_ends_in_the_middle_leaves_no_worker(play_artist, kill, status):
    report = play_artist("left_busy", parameters={"kill": kill}, must_end=not kill)
    assert report.facts["worker"] is True
    assert report.exit_status == status
    assert report.leftover == []

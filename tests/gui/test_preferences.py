"""The preferences, and errors with the buttons that mend them, in the real window."""

import pytest

LIMIT = 480.0
"""Seconds; several generations in one window, also where the machine does other work."""


@pytest.fixture(scope="module")
def mended(play_artist):
    return play_artist("remedies", limit=LIMIT)


@pytest.fixture(scope="module")
def faults(play_artist):
    return play_artist("faults", limit=LIMIT)


@pytest.fixture(scope="module")
def preferences(play_artist):
    return play_artist("preferences", limit=LIMIT)


FAULTS = {
    "checkpoint_gone": ("WeightsError", "gone.safetensors", "BUNDLED"),
    "weights_damaged": ("WeightsError", "wrong hash", "extensions.package_install_files"),
    "out_of_memory": ("OutOfMemoryError", "memory", "LOWER_DETAIL"),
}
OTHER_FAULTS = {
    "hung": ("WorkerError", "did not answer", "AGAIN"),
    "no_object": ("NoObjectError", "no object at the point", "ANY_OBJECT"),
}


def check(found, kind, words, button):
    assert found["kind"] == kind
    assert words in found["message"]
    assert found["fix"]
    assert button in found["buttons"]
    assert found["scene_unchanged"] is True


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_missing_is_a_message_with_its_button(mended, fault):
    check(mended.facts[fault], *FAULTS[fault])


@pytest.mark.parametrize("fault", OTHER_FAULTS)
def test_fault_is_a_message_with_its_button(faults, fault):
    check(faults.facts[fault], *OTHER_FAULTS[fault])


@pytest.mark.parametrize("fault", FAULTS)
def test_next_generate_works(mended, fault):
    assert mended.facts[f"{fault}_mended"] == [1, True]


@pytest.mark.parametrize("fault", OTHER_FAULTS)
def test_next_generate_works_by_the_button(faults, fault):
    assert faults.facts[f"{fault}_mended"] == [1, True]


def test_buttons_change_what_they_say(mended, faults):
    assert mended.facts["checkpoint_after"] == ""
    assert mended.facts["detail_after"] == "256"
    assert faults.facts["subject_after"] == "automatic"


def test_idle_worker_gives_its_memory_back_by_the_window_s_timer(faults):
    assert faults.facts["warm"] is True
    assert faults.facts["released_when_idle"] is True
    assert faults.leftover == []


def test_missing_runtime_leads_to_online_access(faults):
    assert faults.facts["generate_greyed"] is True
    assert faults.facts["section"] == "SYSTEM"
    assert faults.facts["windows"] == 2


def test_preferences_show_and_verify_the_weights(preferences):
    facts = preferences.facts
    assert facts["before"] == ["not checked yet"] * 3
    assert facts["after"] == ["OK"] * 3
    assert facts["message"] == "All 3 files are intact."
    assert all(facts["buttons"].values()), facts["buttons"]


def test_number_typed_into_the_preferences_is_taken(preferences):
    assert preferences.facts["memory_limit"] == 1.5


def test_report_is_copied_by_its_button(preferences):
    report = preferences.facts["report"]
    assert "Bozzetto" in report
    assert "IM-NET: OK" in report
    assert "/tmp/blender-user" not in report


def test_checkpoint_is_imported_chosen_and_removed_in_the_window(preferences):
    facts = preferences.facts
    assert facts["import"].startswith("Imported imnet")
    assert facts["chosen"] is True
    assert facts["left"] == [0, ""]
    print(f"largest gap of a 0.1 s timer during an import: {facts['gap_while_importing']} s")

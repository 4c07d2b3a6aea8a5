from types import SimpleNamespace

import pytest

from bozzetto.tools import run_tests
from bozzetto.tools.run_tests import Outcome

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>
<testcase name="c"><skipped message="the moon is full"/></testcase>
</testsuite></testsuites>"""


def test_report_counts_passes_and_keeps_reasons(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    assert run_tests._read_report(path) == (1, ("the moon is full",))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome("unit", False, 1.0, 3), 0),
        (Outcome("unit", True, 1.0, 3), 1),
        (Outcome("unit", False, 1.0, 3, ("the moon is full",)), 1),
        (Outcome("unit", False, 1.0, 3, ("real Blender (trixie) is not set up",)), 0),
        (Outcome("unit", False, 1.0, 0), 1),
    ],
)
def test_only_listed_skips_and_real_passes_are_green(outcome, status, capsys):
    assert run_tests._conclude([outcome], selected=False) == status
    assert f"{outcome.passed} passed" in capsys.readouterr().out


FAILED = """<testsuites><testsuite>
<testcase classname="tests.gui.test_a" name="test_one"/>
<testcase classname="tests.gui.test_a" name="test_two[x-1]"><failure message="no"/></testcase>
<testcase classname="tests.gui.test_b" name="test_three"><error message="setup"/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize("second_fails", [False, True])
def test_what_fails_in_the_window_is_played_once_more(tmp_path, monkeypatch, second_fails):
    report, played = tmp_path / "report.xml", []

    def suite(name, environment, folders, arguments, path, extension):
        played.append(folders)
        path.write_text(FAILED)
        if len(played) == 1:
            return Outcome(name, True, 10.0, 1, ("the moon is full",))
        return Outcome(name, second_fails, 3.0, 1 if second_fails else 2)

    monkeypatch.setattr(run_tests, "_suite", suite)
    outcome = run_tests._test_window([], report, "x.zip")
    assert played == [
        ["tests/gui"],
        ["tests/gui/test_a.py::test_two[x-1]", "tests/gui/test_b.py::test_three"],
    ]
    assert outcome.failed == second_fails
    assert (outcome.passed, outcome.seconds) == (2 if second_fails else 3, 13.0)
    assert outcome.skips == ("the moon is full",)


def test_window_that_passes_is_played_once(tmp_path, monkeypatch):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    played = []
    monkeypatch.setattr(
        run_tests, "_suite", lambda *given: played.append(1) or Outcome("window", False, 1.0, 3)
    )
    assert not run_tests._test_window([], report, "x.zip").failed
    assert len(played) == 1


def test_machine_that_can_have_no_window_says_why(monkeypatch):
    def refuse(chroot, python):
        raise run_tests.gui_test.Unavailable("making a chroot needs root")

    monkeypatch.setattr(run_tests.gui_test, "set_up", refuse)
    reason = run_tests._set_up_window()
    assert reason == "making a chroot needs root"
    outcomes = [Outcome("unit", False, 1.0, 3), run_tests._skip_window(reason)]
    assert run_tests._conclude(outcomes, selected=False) == 0


@pytest.mark.parametrize(
    ("facts", "problem", "expected"),
    [
        ({"n_key_toggles_sidebar": True}, None, None),
        ({"n_key_toggles_sidebar": False}, None, "takes no key"),
        ({}, "the session did not start", "did not start"),
    ],
)
def test_window_counts_once_it_takes_a_key(monkeypatch, facts, problem, expected):
    monkeypatch.setattr(run_tests.gui_test, "set_up", lambda chroot, python: "4.3.2")
    report = SimpleNamespace(facts=facts, problem=problem)
    monkeypatch.setattr(run_tests, "play", lambda chroot, run: report)
    reason = run_tests._set_up_window()
    assert reason is None if expected is None else expected in reason

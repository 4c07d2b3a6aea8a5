"""The command that sets up real Blenders: what it says when one cannot be had, and its index."""

import json

import pytest

from bozzetto.tools import gui_test
from bozzetto.tools.real_blender.chroot import SUITES, Chroot
from bozzetto.tools.real_blender.setup import SetupImpossible


@pytest.fixture
def inside():
    """Suites inside whose Blender tests/blender were run."""
    return []


@pytest.fixture
def commands(monkeypatch, tmp_path, inside):
    """What pytest was called with; nothing is set up or run."""
    calls = []
    monkeypatch.setattr(gui_test, "OUT", gui_test.ROOT / "out" / "gui-test-of-a-test")
    monkeypatch.setattr(gui_test, "ensure", lambda environment: tmp_path / "python")
    monkeypatch.setattr(gui_test, "build_extension", lambda: tmp_path / "bozzetto.zip")
    monkeypatch.setattr(gui_test, "make_chroot", lambda chroot: None)

    def call(command, **options):
        calls.append((command, options["env"]))
        return type("Answer", (), {"returncode": 0})()

    monkeypatch.setattr(gui_test.subprocess, "run", call)
    monkeypatch.setattr(
        gui_test, "run_inside", lambda chroot, zip: inside.append(chroot.suite) or 0
    )
    yield calls
    gui_test.shutil.rmtree(gui_test.OUT, ignore_errors=True)


def pretend(monkeypatch, versions):
    def check(chroot, python):
        found = versions[chroot.suite]
        if isinstance(found, Exception):
            raise found
        return {"blender": f"{found} LTS (Python 3.14)", "torch": "2.13.0"}

    monkeypatch.setattr(gui_test, "check_chroot", check)


def test_every_suite_has_a_version_to_assert():
    assert set(gui_test.VERSIONS) == set(SUITES)


def test_both_suites_are_tested_with_their_own_screenshots(monkeypatch, commands):
    pretend(monkeypatch, gui_test.VERSIONS)
    assert gui_test.run(["-k", "cancel"]) == 0
    suites = [environment["BOZZETTO_TEST_SUITE"] for _, environment in commands]
    assert suites == ["trixie", "sid"]
    for command, environment in commands:
        assert command[-2:] == ["-k", "cancel"]
        assert environment["BOZZETTO_TEST_SCREENSHOTS"].endswith(environment["BOZZETTO_TEST_SUITE"])


def test_tests_of_the_module_run_inside_it_too(monkeypatch, commands, inside):
    pretend(monkeypatch, gui_test.VERSIONS)
    assert gui_test.run(["--suite", "sid"]) == 0
    assert inside == ["sid"]
    assert gui_test.run(["--suite", "sid", "-k", "cancel"]) == 0
    assert inside == ["sid"], "what is chosen is of the window's tests"
    monkeypatch.setattr(gui_test, "run_inside", lambda *_: 1)
    assert gui_test.run(["--suite", "sid"]) == 1


def test_suite_that_has_moved_is_skipped_with_a_reason(monkeypatch, commands, capsys):
    pretend(monkeypatch, {"trixie": "4.3.2", "sid": "5.9.0"})
    assert gui_test.run([]) == 0
    assert len(commands) == 1
    assert "sid has moved to Blender 5.9.0" in capsys.readouterr().err


def test_nothing_that_can_be_had_is_not_a_pass(monkeypatch, commands, capsys):
    impossible = SetupImpossible("making a chroot needs root")
    pretend(monkeypatch, {"trixie": impossible, "sid": impossible})
    assert gui_test.run(["--suite", "all"]) == gui_test.IMPOSSIBLE
    assert not commands
    assert "needs root" in capsys.readouterr().err


def test_failed_suite_fails(monkeypatch, commands):
    pretend(monkeypatch, gui_test.VERSIONS)
    failed = type("Answer", (), {"returncode": 1})()
    monkeypatch.setattr(gui_test.subprocess, "run", lambda *_, **__: failed)
    assert gui_test.run(["--suite", "trixie"]) == 1


def test_setup_only_tests_nothing(monkeypatch, commands):
    pretend(monkeypatch, gui_test.VERSIONS)
    assert gui_test.run(["--setup-only", "--suite", "sid"]) == 0
    assert not commands


def test_set_up_names_the_version(monkeypatch, commands, tmp_path):
    pretend(monkeypatch, gui_test.VERSIONS)
    assert gui_test.set_up(Chroot("trixie", tmp_path), tmp_path) == "4.3.2"


@pytest.mark.parametrize(("gap", "word"), [(0.25, "within"), (0.27, "ABOVE")])
def test_index_shows_pictures_and_gaps(tmp_path, gap, word):
    run = tmp_path / "generate"
    run.mkdir()
    (run / "01_panel.png").write_bytes(b"")
    (run / "facts.json").write_text(
        json.dumps({"largest_gap": gap, "largest_gap_when_idle": 0.11, "x": "<b>"})
    )
    (line,) = gui_test.describe_gaps(tmp_path)
    assert word in line
    page = gui_test.write_index(tmp_path, "Blender <4>").read_text()
    assert "generate/01_panel.png" in page
    assert line.partition(":")[0] in page
    assert "<b>" not in page

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bozzetto.tools import interpreters

ROOT = Path(__file__).resolve().parents[2]


def write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def only(monkeypatch, tmp_path):
    """A machine that has nothing but the programs in tmp_path/bin."""
    monkeypatch.setattr(interpreters, "_HOMES", ())
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_a_shim_that_does_not_run_is_passed_over(only, monkeypatch):
    write_program(only / "python9.9", "#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    good = write_program(only / "python3", "#!/bin/sh\necho 9.9\necho True\n")
    assert interpreters.find_interpreter("9.9") == good


def test_an_interpreter_of_another_version_is_passed_over(only):
    write_program(only / "python3", "#!/bin/sh\necho 3.8\necho True\n")
    with pytest.raises(
        interpreters.MissingInterpreterError, match=r"apt install python9\.9 python9\.9-venv"
    ):
        interpreters.find_interpreter("9.9")


def test_missing_venv_module_names_its_package(only):
    write_program(only / "python9.9", "#!/bin/sh\necho 9.9\necho False\n")
    with pytest.raises(interpreters.MissingInterpreterError, match=r"apt install python9\.9-venv"):
        interpreters.find_interpreter("9.9")


def test_versions_beside_shims_are_found(only, monkeypatch, tmp_path):
    good = write_program(
        tmp_path / "pyenv/versions/9.9.1/bin/python9.9", "#!/bin/sh\necho 9.9\necho True\n"
    )
    monkeypatch.setenv("PATH", str(tmp_path / "pyenv" / "shims"))
    assert interpreters.find_interpreter("9.9") == good


def test_the_real_probe_reads_this_interpreter(monkeypatch):
    version = "{}.{}".format(*sys.version_info[:2])
    monkeypatch.setenv(f"BOZZETTO_PYTHON_{version.replace('.', '_')}", sys.executable)
    assert interpreters.find_interpreter(version) == Path(sys.executable)


def test_launcher_lists_its_commands_from_any_folder(tmp_path):
    answer = subprocess.run(
        [ROOT / "bozzetto", "help"], cwd=tmp_path, capture_output=True, text=True, env=os.environ
    )
    assert answer.returncode == 0
    assert "generate IMAGE" in answer.stdout


def test_launcher_refuses_an_unknown_command(tmp_path):
    answer = subprocess.run([ROOT / "bozzetto", "nonsense"], capture_output=True, text=True)
    assert answer.returncode == 2
    assert "usage" in answer.stdout

"""The real Blender, its window and the built extension, for the tests in this folder."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bozzetto.tools.build import build_extension
from bozzetto.tools.real_blender.chroot import Chroot, open_chroot
from bozzetto.tools.real_blender.drive import Report, Run, play

STEPS = Path(__file__).with_name("steps")
CHAIR = Path(__file__).resolve().parents[2] / "docs" / "examples" / "chair.png"
# Weights instead of the bundled ones, as for tests/blender.
CHECKPOINT = os.environ.get("BOZZETTO_TEST_CHECKPOINT", "")


@pytest.fixture(scope="session")
def chroot() -> Chroot:
    """BOZZETTO_TEST_SUITE chooses the Debian suite: trixie (4.3.2), or sid (5.2.2)."""
    chroot = open_chroot(os.environ.get("BOZZETTO_TEST_SUITE", "trixie"))
    if reason := chroot.missing_reason():
        pytest.skip(f"real Blender of Debian {chroot.suite} is not set up: {reason}")
    return chroot


@pytest.fixture(scope="session")
def extension() -> Path:
    given = os.environ.get("BOZZETTO_TEST_ZIP")
    return Path(given) if given else build_extension()


@pytest.fixture(scope="session")
def play_steps(chroot: Chroot, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    """`play_steps("name", **options of Run)`: plays steps/name.py.

    Screenshots stay in BOZZETTO_TEST_SCREENSHOTS/name, if that is set.
    """
    kept = os.environ.get("BOZZETTO_TEST_SCREENSHOTS")

    def play_named(name: str, **options: object) -> Report:
        out = Path(kept) / name if kept else tmp_path_factory.mktemp(name)
        return play(chroot, Run(steps=STEPS / f"{name}.py", out=out, **options))

    return play_named


@pytest.fixture(scope="session")
def play_artist(play_steps: Callable[..., Report], extension: Path) -> Callable[..., Report]:
    """`play_artist("name")`: the same, with the extension and our picture of a chair."""

    def play_with_picture(
        name: str, *, parameters: dict | None = None, must_end: bool = True, **options: object
    ) -> Report:
        report = play_steps(
            name,
            extension=extension,
            parameters={"picture": str(CHAIR), "checkpoint": CHECKPOINT, **(parameters or {})},
            shown=(CHAIR, *([Path(CHECKPOINT)] if CHECKPOINT else [])),
            **options,
        )
        if must_end and report.problem:
            pytest.fail(f"{name}: {report.problem}")
        return report

    return play_with_picture

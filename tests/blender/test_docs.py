"""What the documentation tells people to type works."""

import re
import shlex
import time
from pathlib import Path

import bpy
import pytest
from blender_helpers import draw_chair, part, write_png

pytestmark = pytest.mark.usefixtures("fake_worker")

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ["blender", "--command", "bozzetto"]
# Downloads; their own tests are test_setup.py and test_weights_download.py.
NEEDS_NETWORK = "blender --online-mode --command bozzetto"


def read_blocks(name, language):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The pictures that the documentation names, in the current folder."""
    for name in ("chair", "photos/a", "photos/b", "more/chair"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_png(tmp_path / f"{name}.png", draw_chair())
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    part("scene.weights").close()  # what a check has found is not for other tests


def test_console(folder, capsys):
    write_png(folder / "photos" / "weights.png", draw_chair())
    blocks = read_blocks("console.md", "python")
    assert len(blocks) >= 8
    names = {"api": part("api"), "bpy": bpy, "time": time}
    for block in blocks:
        exec(compile(block, "console.md", "exec"), names)
    said = capsys.readouterr().out
    commented = [line for block in blocks for line in re.findall(r"print\(.*\)  # (.*)", block)]
    assert len(commented) == 3
    for words in commented:
        assert words.removesuffix("...").strip() in said, "what the comment promises"
    assert (folder / "out" / "summary.csv").is_file()
    assert names["again"].name.startswith("chair")


def test_commands(folder, capfd):
    lines = [line for block in read_blocks("headless.md", "sh") for line in block.splitlines()]
    commands = [shlex.split(line) for line in lines if line.startswith("blender")]
    assert len(commands) >= 7
    for words in commands:
        if " ".join(words).startswith(NEEDS_NETWORK):
            continue
        assert words[:3] == COMMAND
        assert part("cli").run(words[3:]) == 0, (words, capfd.readouterr().err)
    for name in ("chair.blend", "chair.glb", "chair.json", "sofa.glb", "out/a.blend", "out2/b.glb"):
        assert (folder / name).is_file(), name


def test_options_that_are_listed_exist(capfd):
    text = (ROOT / "docs" / "headless.md").read_text(encoding="utf-8")
    named = set(re.findall(r"--[a-z][a-z-]+", text))
    elsewhere = {"--online-mode", "--command", "--background", "--python", "--no-strip"}
    assert part("cli").run(["batch", "--help"]) == 0
    assert part("cli").run(["generate", "--help"]) == 0
    known = set(re.findall(r"--[a-z][a-z-]+", capfd.readouterr().out))
    assert named - elsewhere <= known
    assert known - {"--help"} <= named, "an option is not documented"


def test_links_lead_somewhere():
    for name in ("console.md", "headless.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (ROOT / "docs" / target).exists(), f"{name}: {target}"
    scripts = {path.name for path in (ROOT / "docs" / "scripts").glob("*.py")}
    listed = set(
        re.findall(r"\(scripts/(.*?)\)", (ROOT / "docs/console.md").read_text(encoding="utf-8"))
    )
    assert listed == scripts

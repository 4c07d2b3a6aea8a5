"""The handbook mentions all that it promises: every error, every preference, every button."""

import ast
import re
from pathlib import Path

from bozzetto.inference import errors
from bozzetto.inference.protocol import TruncatedMessageError

ROOT = Path(__file__).resolve().parents[2]
PREFERENCES = (ROOT / "docs" / "preferences.md").read_text()
TROUBLES = (ROOT / "docs" / "troubleshooting.md").read_text()


def read_tree(path):
    return ast.parse((ROOT / path).read_text())


def list_preferences():
    """Names of the properties, without Blender."""
    (cls,) = (
        node
        for node in read_tree("panels/preferences.py").body
        if isinstance(node, ast.ClassDef) and node.name == "BozzettoPreferences"
    )
    return [
        (node.target.id, next(k.value.value for k in node.annotation.keywords if k.arg == "name"))
        for node in cls.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Call)
    ]


def list_buttons():
    """Texts of the buttons below errors."""
    for node in ast.walk(read_tree("operators/remedies.py")):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Remedy", "_fix"):
            text = node.args[1]
            if isinstance(text, ast.Constant):
                yield text.value.rstrip(".")


def test_every_preference_is_explained():
    found = list_preferences()
    assert len(found) >= 7
    for name, label in found:
        assert f"`{name}`" in PREFERENCES, name
        assert f"**{label}**" in PREFERENCES, label


def test_every_error_is_explained_with_a_row():
    rows = re.findall(r"^\| `(\w+)` \|", TROUBLES, re.MULTILINE)
    assert sorted(rows) == sorted({*errors.KINDS, TruncatedMessageError.__name__})


def test_every_button_is_named():
    buttons = set(list_buttons())
    assert len(buttons) > 10
    for text in buttons:
        assert text in TROUBLES, text


def test_exit_statuses_are_those_of_the_command():
    (table,) = (
        node.value
        for path in sorted(ROOT.glob("cli*.py"))
        for node in read_tree(path).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "STATUSES"
    )
    statuses = dict(
        zip([k.value for k in table.keys], [v.value for v in table.values], strict=True)
    )
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \|$", TROUBLES, re.MULTILINE)
    told = {name: int(status) for name, status in rows}
    for name in errors.KINDS:
        if name != "Cancelled":
            assert told[name] == statuses.get(name, 1), name


def test_readme_leads_there():
    readme = (ROOT / "README.md").read_text()
    assert "(docs/preferences.md)" in readme
    assert "(docs/troubleshooting.md)" in readme

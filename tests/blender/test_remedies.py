"""Every error offers the buttons that do what it says, and the buttons do it."""

import importlib
import inspect
import pkgutil

import bpy
import pytest
from blender_helpers import PACKAGE, count_data, part

FREE_OF_TORCH = (
    "client",
    "errors",
    "estimate",
    "jobs",
    "messages",
    "protocol",
    "settings",
    "types",
)


def remedies():
    return part("operators.remedies")


def make(kind, message="It failed."):
    return getattr(part("inference.errors"), kind)(message)


def preferences():
    return bpy.context.preferences.addons[PACKAGE].preferences


def all_error_classes():
    """Every domain error in any module that Blender's process may import."""
    for name in FREE_OF_TORCH:
        part(f"inference.{name}")
    for folder in ("inference.runtime", "inference.store", "scene", "operators", "panels"):
        package = part(folder)
        for module in pkgutil.iter_modules(package.__path__):
            if module.name != "child":
                importlib.import_module(f"{package.__name__}.{module.name}")
    found, left = set(), [part("inference.errors").BozzettoError]
    while left:
        cls = left.pop()
        found.add(cls)
        left += cls.__subclasses__()
    return found


def test_every_class_of_error_has_a_decision():
    unfit = part("inference.runtime.interpreters").UnfitError
    shown = {c for c in all_error_classes() if c is not unfit and not issubclass(c, unfit)}
    assert {c.__name__ for c in shown} == {c.__name__ for c in remedies().DECISIONS}


def test_every_button_is_an_operator_with_those_properties(monkeypatch):
    errors, settings = part("inference.errors"), part("inference.settings").GenerateSettings
    seen = set()
    for cls in remedies().DECISIONS:
        for chosen in (settings(), settings(checkpoint="/x.safetensors", subject="point")):
            for remedy in remedies().find_remedies(cls("It failed."), chosen):
                module, name = remedy.operator.split(".")
                operator = getattr(getattr(bpy.ops, module), name)
                rna = operator.get_rna_type().properties
                assert set(remedy.properties) <= set(rna.keys()), remedy
                assert remedy.text
                for key, value in remedy.properties.items():
                    if rna[key].type == "ENUM":
                        assert value in set(rna[key].enum_items.keys()), remedy
                seen.add(cls)
    silent = {c.__name__ for c in remedies().DECISIONS} - {c.__name__ for c in seen}
    assert silent == {"BozzettoError", "Cancelled", "SettingsError"}
    assert inspect.isclass(errors.BozzettoError)


def test_every_fix_of_the_operator_is_offered_or_reachable():
    source = inspect.getsource(remedies())
    for key in part("operators.fixes").FIXES:
        assert f'"{key}"' in source, key


def names(error, **settings):
    chosen = part("inference.settings").GenerateSettings(**settings)
    return [
        remedy.properties.get("fix", remedy.operator)
        for remedy in remedies().find_remedies(error, chosen)
    ]


def test_shortage_of_memory_offers_less_detail_while_there_is_less():
    error = make("OutOfMemoryError")
    assert names(error, resolution=256)[0] == "LOWER_DETAIL"
    assert "LOWER_DETAIL" not in names(error, resolution=64)
    preferences().memory_limit = 2.0
    try:
        assert "preferences.addon_show" in names(error, resolution=64)
    finally:
        preferences().memory_limit = 0.0


def test_bad_weights_offer_what_fits_their_origin():
    error = make("WeightsError")
    assert names(error, checkpoint="/x.safetensors")[0] == "BUNDLED"
    assert names(error)[0] == "extensions.package_install_files"


def test_missing_object_offers_background_and_point():
    error = make("NoObjectError")
    assert {"KEEP_BACKGROUND", "POINT"} <= set(names(error))
    assert "KEEP_BACKGROUND" not in names(error, background="keep")
    assert "ANY_OBJECT" in names(error, subject="point")


def test_device_is_offered_only_when_one_was_chosen():
    assert names(make("SettingsError"), device="cuda") == ["DEVICE"]
    assert names(make("SettingsError")) == []


def test_missing_runtime_named_by_hand_leads_to_the_preferences(monkeypatch, tmp_path):
    error = make("RuntimeMissingError")
    monkeypatch.setenv("BOZZETTO_WORKER_PYTHON", "/nowhere")
    assert names(error) == ["preferences.addon_show"]
    monkeypatch.delenv("BOZZETTO_WORKER_PYTHON")
    folder = part("inference.runtime.folder").RuntimeFolder(tmp_path)
    monkeypatch.setattr(part("scene.runtime"), "_folder", folder)
    assert not bpy.app.online_access
    assert names(error) == ["screen.userpref_show", "bozzetto.set_up_runtime"]
    bpy.context.preferences.system.use_online_access = True
    try:
        assert names(error) == ["bozzetto.set_up_runtime"]
    finally:
        bpy.context.preferences.system.use_online_access = False


@pytest.mark.parametrize(
    ("fix", "name", "before", "after"),
    [
        ("LOWER_DETAIL", "resolution", "256", "128"),
        ("LOWER_DETAIL", "resolution", "64", "64"),
        ("KEEP_BACKGROUND", "background", "automatic", "keep"),
        ("ANY_OBJECT", "subject", "point", "automatic"),
        ("BUNDLED", "checkpoint", "/x.safetensors", ""),
        ("OTHER_ENGINE", "engine", "imnet", "pixel"),
        ("DEVICE", "device", "cuda:9", "automatic"),
        ("AGAIN", "seed", 7, 7),
    ],
)
@pytest.mark.usefixtures("fake_worker")
def test_fix_changes_its_setting_and_generates(picture, fix, name, before, after):
    group = bpy.context.scene.bozzetto
    group.filepath = str(picture("stool"))
    setattr(group, name, before)
    try:
        assert bpy.ops.bozzetto.apply_fix(fix=fix) == {"FINISHED"}
        assert getattr(group, name) == after
        assert "stool" in bpy.data.objects
    finally:
        preferences().device = "automatic"


@pytest.mark.usefixtures("fake_worker")
def test_point_waits_for_the_artist(picture):
    group = bpy.context.scene.bozzetto
    group.filepath = str(picture("stool"))
    before = count_data()
    part("operators.jobs").record_failure(make("NoObjectError"))
    assert bpy.ops.bozzetto.apply_fix(fix="POINT") == {"FINISHED"}
    assert group.subject == "point"
    assert count_data() == before
    assert part("operators.jobs").failure is None


@pytest.mark.usefixtures("fake_worker")
def test_fix_takes_the_picture_that_failed_not_the_panel_s(picture):
    """A dropped picture fails while the panel shows another one."""
    group = bpy.context.scene.bozzetto
    group.filepath = str(picture("stool"))
    with pytest.raises(RuntimeError, match=r"weights are gone"):
        bpy.ops.bozzetto.generate_from_file(filepath=str(picture("weights")))
    failure = part("operators.jobs").failure
    assert failure.picture["path"].endswith("weights.png")
    with pytest.raises(RuntimeError, match=r"weights are gone"):
        bpy.ops.bozzetto.apply_fix(fix="AGAIN")
    assert "stool" not in bpy.data.objects


def test_unknown_error_has_no_button():
    assert remedies().find_remedies(ZeroDivisionError("a defect")) == ()

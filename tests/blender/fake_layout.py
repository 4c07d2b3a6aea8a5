"""A UILayout that draws nothing, refuses what Blender would refuse, and notes what was shown."""

import bpy

ICONS = set(bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys())


class FakeLayout:
    """Notes operators, properties and texts of itself and its parts in `shown`."""

    def __init__(self, shown=None, enabled=True):
        self.shown = [] if shown is None else shown
        self.enabled = enabled
        self.closed = ()  # names of folded panels

    def _part(self, **_):
        return FakeLayout(self.shown, self.enabled)

    row = column = box = split = _part

    def panel(self, name, default_closed=False):
        return self._part(), self._part()

    def label(self, *, text="", icon="NONE", icon_value=0, translate=True):
        assert icon in ICONS, icon
        self.shown.append(("label", text))

    def operator(self, name, *, text=None, icon="NONE", emboss=True, depress=False):
        assert icon in ICONS, icon
        module, _, function = name.partition(".")
        kind = getattr(getattr(bpy.ops, module), function).get_rna_type()  # raises: unknown
        self.shown.append(("operator", name, self.enabled))
        return _Properties(kind)

    def prop(self, data, name, *, text=None, placeholder="", icon="NONE"):
        assert name in data.bl_rna.properties, name
        self.shown.append(("prop", name))

    def menu(self, name, *, text="", icon="NONE"):
        assert icon in ICONS, icon
        assert hasattr(bpy.types, name), name
        self.shown.append(("menu", name))

    def template_ID_preview(self, data, name, **options):  # noqa: N802
        self.prop(data, name)

    def template_icon(self, *, icon_value, scale):
        self.shown.append(("icon", icon_value))

    def template_list(self, kind, identity, data, name, active_data, active_name, rows=5):
        assert hasattr(bpy.types, kind)
        self.prop(data, name)
        self.prop(active_data, active_name)

    def progress(self, *, text="", factor=0.0, translate=True):
        assert 0 <= factor <= 1
        self.shown.append(("progress", text))

    def separator(self):
        pass

    def names(self, kind):
        """What was shown of one kind."""
        return [entry[1] for entry in self.shown if entry[0] == kind]


class _Properties:
    """An operator's properties; unknown ones are refused."""

    def __init__(self, kind):
        object.__setattr__(self, "kind", kind)

    def __setattr__(self, name, value):
        assert name in self.kind.properties, name

"""Home Decor: which mesh is used as which class, and what had to be corrected.

Made by looking at contact sheets of every mesh. Left out: plain boxes, slopes, ropes of chain,
rails that continue in the next node, and doors' second halves.
"""

from __future__ import annotations

# class -> meshes; the prefix `homedecor_` is left out.
_KINDS: dict[str, str] = {
    "chair": """bench_large_1 bench_large_2 deckchair kitchen_chair office_chair_basic
        office_chair_upscale forniture_armchair lrfurn_armchair sport_bench""",
    "sofa": "lrfurn_sofa_long lrfurn_sofa_short",
    "table": "desk pool_table",
    "cabinet": """3d_bookshelf 3d_vessels_shelf bedroom_wardrobe dvd_cabinet filing_cabinet
        openframe_bookshelf""",
    "bed": "bed_extended bed_kingsize bed_regular",
    "lamp": """candle_thick candlestick ceiling_lamp ceiling_lantern chandelier
        desk_lamp ground_lantern hanging_lantern lavalamp oil_lamp
        oil_lamp_tabletop plasma_ball standing_lamp table_lamp wall_lamp""",
    "screen": "plasmascreen_tv",
    "appliance": "ac barbecue coffeemaker radiator refrigerator",
    "bathtub": "bathtub_clawfoot",
    "toilet": "toilet_closed toilet_open",
    "sink": "bathroom_sink bathroom_faucet kitchen_faucet",
    "bottle": "3d_vessels_bottle 3d_vessels_bottle_steel bottle 4_bottles",
    "cup": "3d_vessels_drink trophy",
    "bowl": "cutlery_set",
    "pan": "copper_pans",
    "container": """fishtank flowerpot trash_can trash_can_green trash_can_green_open
        wine_rack""",
    "instrument": "piano",
    "tool": "shower_head ironing_board",
    "toy": "skateboard desk_globe dartboard",
    "building": "doghouse",
    "structure": """3d_door_wood_a 3d_trapdoor door_french_a door_wood_glass_3_a
        spiral_staircase well window_shutter chimney coatrack
        banister_horizontal 3d_door_steel_a door_fancy_a windowblind_thick inbox_mailbox""",
    "other": """analog_clock book book_open grandfather_clock paper_towel picture_frame
        speaker_large telephone toilet_paper towel_rod speaker_large_open calendar
        fancy_fire""",
}
# Meshes that Minetest turns onto the floor: their backs are their undersides.
WALL_MOUNTED = frozenset(
    [
        "homedecor_bed_extended",
        "homedecor_bed_kingsize",
        "homedecor_bed_regular",
        "forniture_armchair",
        "homedecor_kitchen_chair",
        "lrfurn_armchair",
        "lrfurn_sofa_long",
        "lrfurn_sofa_short",
    ]
)
# Degrees about Z, counter-clockwise from above.
YAW_FIXES: dict[str, float] = {}
# Open and shut versions, and one furniture in two lengths -> the body.
IDENTITIES: dict[str, str] = {
    "homedecor_toilet_open": "homedecor_toilet_closed",
    "homedecor_trash_can_green_open": "homedecor_trash_can_green",
    "homedecor_speaker_large_open": "homedecor_speaker_large",
}
# Words in the names of the base game's pictures -> their colour, 0-1; the first that fits.
_COLOURS: dict[str, tuple[float, float, float]] = {
    "wool_white": (0.92, 0.92, 0.92),
    "wool_dark_grey": (0.25, 0.25, 0.26),
    "wool_black": (0.1, 0.1, 0.1),
    "wool_red": (0.65, 0.1, 0.1),
    "wool_": (0.5, 0.45, 0.4),
    "junglewood": (0.29, 0.19, 0.11),
    "wood": (0.58, 0.42, 0.22),
    "tree": (0.36, 0.26, 0.16),
    "steel": (0.75, 0.76, 0.78),
    "gold": (0.85, 0.68, 0.2),
    "copper": (0.72, 0.42, 0.22),
    "brick": (0.55, 0.3, 0.25),
    "stone": (0.5, 0.5, 0.5),
    "obsidian": (0.1, 0.1, 0.13),
    "glass": (0.75, 0.85, 0.9),
    "water": (0.2, 0.35, 0.7),
}
_UNKNOWN = (0.8, 0.8, 0.8)


def kinds() -> dict[str, str]:
    """Class by mesh name."""
    found = {}
    for kind, names in _KINDS.items():
        for name in names.split():
            own = name.startswith(("lrfurn_", "forniture_", "lavalamp", "plasmascreen"))
            own = own or name.startswith(("inbox_", "fancy_fire"))
            found[name if own else f"homedecor_{name}"] = kind
    return found


def colour_of(tile: str) -> tuple[float, float, float]:
    """The colour that stands for a picture of the base game."""
    for word, colour in _COLOURS.items():
        if word in tile:
            return colour
    return _UNKNOWN

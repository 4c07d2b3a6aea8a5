"""MegaGlest: which unit and which object of the land is used as which class, and corrections.

Made by looking at contact sheets of every unit and of every object of the tilesets. Left out:
plants that are pictures on planes, and second copies of one object in other tilesets.
"""

from __future__ import annotations

# faction -> class -> units.
_UNITS: dict[str, dict[str, str]] = {
    "egypt": {
        "person": "mummy priest slave spearman spearthrower",
        "creature": "anubis_warrior scarab snake",
        "bird": "chicken ibis",
        "building": "air_pyramid desert_camp farm pyramid temple",
        "structure": "obelisk sphinx",
    },
    "indian": {
        "person": "archer axe_indian axe_thrower shaman spearman stickfighter worker",
        "creature": "fire_golem",
        "quadruped": "bull horseman",
        "bird": "thunderbird",
        "container": "beehive",
        "building": "big_tent horse_farm main_teepee round_tent tent",
        "structure": "totem",
        "other": "campfire",
        "plant": "reed",
    },
    "magic": {
        "person": "archmage battlemage ghost_armor initiate summoner",
        "creature": """behemoth daemon dragon dragon_rider evil_dragon golem power_golem
            wicker_behemoth""",
        "building": "archmage_tower library mage_tower summoner_guild",
        "structure": "energy_source tower_of_souls",
    },
    "norsemen": {
        "person": """archer axe_thrower battleaxe cudgel_lady spearman swordman thor thrall
            valkyrie thor_totem""",
        "quadruped": "cow wild_sow flying_valkyrie",
        "building": "blacksmith bone_tent castle farm house mead_bar valhalla",
        "other": "crossbow",
        "plant": "mistletoe_tree",
    },
    "persian": {
        "person": """fakir flying_carpet magician princess stickfighter swordman worker""",
        "creature": "genie",
        "quadruped": "elephant sheep",
        "container": "snake_basket",
        "building": "blacksmith elephant_cage house minaret palace temple tent",
        "structure": "farm",
    },
    "romans": {
        "person": """archer axe_man general gladiator guard slave spearman swordsman
            wartime_mechanic""",
        "quadruped": "cavalry cow tribune",
        "building": """blacksmith_shop forum gladiator_school guard_tower military_camp temple
            training_camp""",
        "structure": "eagle_pillar",
        "other": "ballista battering_ram catapult turtle_formation",
    },
    "tech": {
        "person": "archer guard swordman technician worker",
        "quadruped": "cow horseman pig",
        "creature": "battle_machine ornithopter",
        "airplane": "airship",
        "building": "aerodrome barracks blacksmith castle defense_tower farm technodrome",
        "other": "air_ballista catapult",
    },
}
# class -> TILESET/OBJECT.
_LAND: dict[str, str] = {
    "person": """autumn/battlemage_statue autumn/swordman_statue autumn/technician_statue
        karningul/prince_statue karningul/sword_holder_statue karningul/wise_elf_statue""",
    "creature": "autumn/broken_statue autumn/broken_statue2",
    "quadruped": "autumn/statue karningul/silver_helm_statue",
    "rock": """autumn/big_stone autumn/big_stone2 autumn/big_stone3 autumn/stone2 autumn/stone3
        dark_forest/stone1 dark_forest/stone2 desert4/stone desert4/stone2 desert4/stone4
        fernland/br1 fernland/br2 fernland/br3
        hell/vulcano hell/vulcano1 hell/vulcano2 karningul/big_stone karningul/big_stone2
        karningul/big_stone3 karningul/stone1 karningul/stone2 mediterran/stone1 mediterran/stone2
        mediterran/stone3 pine_peat/br1 pine_peat/br2 pine_peat/br3 pine_peat/swamp_rock
        pine_peat/swamp_rock_1 pine_peat/swamp_rock_2 pine_peat/swamp_rock_3
        pine_peat/swamp_rock_4 pine_rock/big_stone3 pine_rock/bigrock1""",
    "plant": """autumn/deathtree autumn/deathtree_small birch_forest/deadtree2
        desert4/deadtree1 desert4/deadtree2 desert4/deadtree3 forest/big_tree1 forest/dead_tree
        forest/tree1 forest/tree10 forest/tree7 pine_peat/fir2 pine_peat/fir3
        pine_rock/deadpine2 autumn/tanne autumn/tanne2 autumn/tanne_big
        autumn/tanne_small desert2/big_tree1 desert2/bushtree desert2/kaktus_deadtree
        desert2/kaktusbusch2 desert2/palm desert2/palm_deada desert2/palm_deadb
        desert2/palm_deadc desert4/cactoe2 desert4/cactoe3 desert4/cactoe4 desert4/joshuatree2
        desert4/joshuatree3 desert4/joshuatree4 desert4/kaktusbusch desert4/kaktusbusch2
        desert4/kaktusbusch3 hell/deadtree
        mediterran/cypress43 mediterran/cypress44 mediterran/palm2
        mediterran/phoenix mediterran/tree_dead1 pine_peat/burned1 pine_peat/burned2
        pine_peat/burned3 pine_peat/swamp_mushroom pine_peat/swamp_mushroom_2
        pine_peat/swamp_mushroom_3 pine_peat/swamp_tree_dead pine_peat/swamp_tree_dead_2
        pine_peat/swamp_tree_dead_3 pine_peat/swamp_tree_dead_4 scrub_land/joshuatree4
        scrub_land/tree_2 pine_rock/deadpine1""",
    "structure": """autumn/obelisk pine_peat/swamp_ruin autumn/hanged autumn/impaled
        fernland/totem_broken
        fernland/totem1 fernland/totem2 fernland/totem3 fernland/calendar hell/crosses hell/grab
        pine_rock/cross1 pine_rock/statue2 hell/hell1 hell/hell2 hell/hell3
        karningul/birdbath""",
    "container": "hell/sarg_holz",
    "other": "hell/bone2 hell/bone3 hell/skullbone",
}
_MENU = "data/core/menu/about_models"
_OTHERS: dict[str, str] = {
    f"{_MENU}/character0": "person",
    f"{_MENU}/character1": "creature",
    f"{_MENU}/character2": "person",
    f"{_MENU}/character3": "person",
    f"{_MENU}/character4": "person",
    "techs/magitech/resources/gold/models/gold": "rock",
    "techs/magitech/resources/stone/models/stone": "rock",
}
# Names of entries or of bodies -> degrees about Z, counter-clockwise from above.
YAW_FIXES: dict[str, float] = {}
# Objects of the land and of the menu -> the body they show.
IDENTITIES: dict[str, str] = {
    "tilesets/autumn/models/deathtree": "tilesets/autumn/models/deathtree_small",
    "tilesets/desert4/models/joshuatree4": "tilesets/scrub_land/models/joshuatree4",
    "tilesets/mediterran/models/cypress44": "tilesets/mediterran/models/cypress43",
    "tilesets/desert2/models/palm_deadb": "tilesets/desert2/models/palm_deadc",
    "tilesets/fernland/models/br1": "tilesets/pine_peat/models/br1",
    "tilesets/fernland/models/br2": "tilesets/pine_peat/models/br2",
    "tilesets/fernland/models/br3": "tilesets/pine_peat/models/br3",
    "tilesets/autumn/models/big_stone2": "tilesets/autumn/models/big_stone",
    "tilesets/autumn/models/big_stone3": "tilesets/autumn/models/big_stone",
    "tilesets/pine_rock/models/big_stone3": "tilesets/autumn/models/big_stone",
    "tilesets/hell/models/vulcano2": "tilesets/hell/models/vulcano1",
    "tilesets/hell/models/vulcano": "tilesets/hell/models/vulcano1",
    "tilesets/forest/models/tree10": "tilesets/forest/models/tree7",
    "tilesets/forest/models/tree1": "tilesets/forest/models/tree7",
    "data/core/menu/about_models/character0": "magic/battlemage",
    "data/core/menu/about_models/character1": "egypt/anubis_warrior",
    "data/core/menu/about_models/character2": "norsemen/battleaxe",
    "data/core/menu/about_models/character3": "romans/spearman",
    "data/core/menu/about_models/character4": "tech/guard",
}
# UNIT/POSE where the animation shows something broken, or what stands already shows.
EXCLUDED_POSES: frozenset[str] = frozenset()


def unit_kinds() -> dict[str, str]:
    """Class by FACTION/UNIT."""
    return {
        f"{faction}/{name}": kind
        for faction, by_kind in _UNITS.items()
        for kind, names in by_kind.items()
        for name in names.split()
    }


def land_kinds() -> dict[str, str]:
    """Class by file, without its ending, under the game's folder."""
    found = dict(_OTHERS)
    for kind, names in _LAND.items():
        for name in names.split():
            tileset, _, stem = name.partition("/")
            found[f"tilesets/{tileset}/models/{stem}"] = kind
    return found

"""Which actors of 0 A.D. are objects, of which class and in which poses, and what is left out.

Paths are those below `art/actors` without `.xml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# a unit of its people and animals in metres: its men stand 3.9 units high
METRES_PER_UNIT = 0.45


@dataclass(frozen=True)
class Rule:
    """What holds for actors whose path matches.

    kind: class, or empty to leave them out. choices: how many of an actor's alternatives are
    looked at for other meshes. poses: animations and moments (0-1), of which `pose_count` that the
    actor has are listed; none: one entry, standing idle. sized: whether METRES_PER_UNIT holds.
    """

    pattern: re.Pattern[str]
    kind: str
    choices: int = 1
    poses: tuple[tuple[str, float], ...] = ()
    pose_count: int = 1
    sized: bool = False


ANIMAL_POSES = (
    ("idle", 0.0),
    ("walk", 0.1),
    ("run", 0.3),
    ("attack_melee", 0.5),
    ("feeding", 0.5),
    ("walk", 0.6),
    ("run", 0.8),
    ("idle", 0.5),
)
RIDER_POSES = (("idle", 0.0), ("run", 0.3), ("walk", 0.6))
PERSON_POSES = (
    ("idle", 0.0),
    ("attack_melee", 0.45),
    ("attack_ranged", 0.45),
    ("walk", 0.2),
    ("run", 0.6),
    ("gather_praise", 0.5),
    ("heal", 0.5),
    ("walk", 0.7),
)


def _rule(
    pattern: str,
    kind: str = "",
    choices: int = 1,
    poses: tuple[tuple[str, float], ...] = (),
    pose_count: int = 1,
    sized: bool = False,
) -> Rule:
    return Rule(re.compile(pattern), kind, choices, poses, pose_count, sized)


_FAUNA = r"^fauna/"
_EYECANDY = r"^props/special/eyecandy/"
_STRUCTURES = r"^structures/(\w+/)?"
_SHIPS = (
    r"(fishing_boat|fishing_ship|fishship|merchant|merchantman|merchant_ship|trireme|bireme|"
    r"elven_bireme|quinquereme|pentekonter|warship|warship_light|skiff|rowboat|fireship|longship|"
    r"towership)$"
)
_WALLS = (
    r"(\w*wall\w*|\w*gate\w*|\w*tower\w*|palisade\w*|\w*statue\w*|cenotaph|misc_bixie|lighthouse|"
    r"\w*monument|gravestone|triumphal_arch|\w*stall\w*|megalith\w*|sb_1|obelisk\w*|pillar\w*|"
    r"outpost\w*|ashoka\w*)$"
)

# the first rule that matches counts
RULES: tuple[Rule, ...] = (
    _rule(r"(destruct|fndn|rubble|damage_variant|decal|delimitator|_test$|water_waves|preloader)"),
    # flat, loose or thin pieces: leaves, the backs of shields, poles
    _rule(r"^props/flora/(bush_(medit_(sm|me|la)|tempe|tropic|desert|dry|highl)|plants_|papyrus)"),
    _rule(r"^props/units/shields/\w*(_back\w*|_reverse|_left_shoulder|pelte_simple_player)$"),
    _rule(r"^props/units/(standards|weapons/(blades|spear))/"),
    _rule(
        r"^props/units/weapons/(spear|jav|kush_spear|sarissa|pill?um|fire|verutum|\w*staff|bolt|"
        r"arrow|sheath|sling|saunion|tower_)"
    ),
    _rule(r"^props/structures/\w+/\w*(bucket_water|stall\w*_(plants|cloth))$"),
    _rule(r"^props/structures/\w+/\w*(dock_fishing_boat|dock_warship)$"),
    _rule(r"^units/(persians|seleucids)/\w*_h[34]$", "quadruped", 1, RIDER_POSES, 2, True),
    _rule(r"^units/\w+/(\w+_r\d|\w*parasol)$"),
    _rule(_FAUNA + r"\w*(_circle|_shoal|whale_fin|flaming)$"),
    _rule(_FAUNA + r"fish$"),
    _rule(
        _FAUNA + r"(shark|tuna|whale|fish_generic|fish_single)$",
        "fish",
        2,
        (("walk", 0.0), ("walk", 0.5), ("idle", 0.25), ("run", 0.3)),
        4,
        True,
    ),
    _rule(_FAUNA + r"(chicken|crow|hawk|peacock|seagull)$", "bird", 2, ANIMAL_POSES, 6, True),
    _rule(_FAUNA + r"(crocodile|dragon|walrus)$", "creature", 2, ANIMAL_POSES, 6, True),
    _rule(_FAUNA, "quadruped", 3, ANIMAL_POSES, 6, True),
    _rule(r"^units/\w+/\w*(_r|_d|_rider\w*|pivot\w*|_h|_h1|_h2|_h_0\d)$"),
    _rule(r"^units/\w+/(war_dog|wolfhound)\w*$", "quadruped", 1, ANIMAL_POSES, 6, True),
    _rule(r"^units/\w+/plane(_grounded)?$", "airplane"),
    _rule(r"^units/\w+/(siege_|catafalque|\w*chariot|\w*mangonel)\w*", "other", 1),
    _rule(r"^units/(carthaginians|han|persians)/trader$", "quadruped", 1, RIDER_POSES, 2, True),
    _rule(r"^units/\w+/\w*trader\w*", "other", 1),
    _rule(
        r"^units/\w+/(\w*cavalry|\w*elephant|camel|\w*_m$)\w*", "quadruped", 1, RIDER_POSES, 2, True
    ),
    _rule(r"^units/", "person", 1, PERSON_POSES, 3, True),
    _rule(r"^campaigns/units/(mace|spart)_\w+", "person", 1, PERSON_POSES, 3, True),
    _rule(
        r"^flora/trees/(\w*(_leaves|_needles|_branches|_top\w*|deadbranches|grass_1)|tree_test)$"
    ),
    _rule(r"^flora/(trees|bushes)/", "plant", 6),
    _rule(
        r"^props/flora/(\w*(grass|harvest|lillies|fallen|floor|_leaves_|branches|"
        r"cattails|reeds|water|"
        r"field|forage|flower|berries$))"
    ),
    _rule(r"^props/flora/", "plant", 6),
    _rule(r"^fungi/", "plant", 4),
    _rule(r"^geology/(\w*(decal|waterfall|water_|temp_)\w*)"),
    _rule(r"^geology/", "rock", 6),
    _rule(_STRUCTURES + _SHIPS, "ship", 1),
    _rule(_STRUCTURES + r"(siege_ram|siege_tower|siege_fireraiser)$", "other", 1),
    _rule(_STRUCTURES + r"(plot\w*|\w*_door|rice_paddy|temple_ambient|stlm_hele|wrld\w*)$"),
    _rule(_STRUCTURES + _WALLS, "structure", 2),
    _rule(r"^structures/", "building", 6),
    _rule(r"^special/old/(celt_merchant_ship|hellenes_trireme)$", "ship"),
    _rule(r"^special/old/\w*(wall|tower|monument)\w*$", "structure"),
    _rule(r"^special/(old/)?\w*(marker)$"),
    _rule(r"^special/pegasus$", "creature", 1, ANIMAL_POSES, 4, True),
    _rule(r"^special/(old/)?(pyramid\w*|greek_stoa\w*|pers_ishtar_gate)", "building"),
    _rule(r"^special/old/", "building"),
    _rule(r"^campaigns/structures/hellenes/trireme$", "ship"),
    _rule(r"^temp/(animal_pen|statue_pers_bull|reservoir)$", "structure"),
    _rule(r"^temp/cc$", "building"),
    _rule(
        _EYECANDY + r"(\w*cap$|awning\w*|barrels_buried|bridge_edge\w*|forest_floor\w*|well_water|"
        r"shipwreck_(sail|ram\w*)$|woodcord|stone_base)"
    ),
    _rule(_EYECANDY + r"amphorae|" + _EYECANDY + r"vase", "vase", 6, sized=True),
    _rule(
        _EYECANDY + r"(barrel|basket|box|crate|food_sack|sack|produce_bin|waterbin)",
        "container",
        6,
        sized=True,
    ),
    _rule(_EYECANDY + r"table", "table", 2, sized=True),
    _rule(_EYECANDY + r"bench", "chair", 1, sized=True),
    _rule(_EYECANDY + r"(shipwreck|\w*boat)", "ship", 6),
    _rule(_EYECANDY + r"ptol_statues_", "structure"),
    _rule(_EYECANDY + r"(statues?_|snowman|skeleton)", "creature", 6),
    _rule(
        _EYECANDY
        + r"(column|obelisk|control_tower|fence|greek_temple|sele_colonnade|standing_stones|"
        r"well|broken_rope|rug_stand)",
        "structure",
        6,
    ),
    _rule(_EYECANDY + r"(iceberg|block|brick|stone_pile)", "rock", 2),
    _rule(_EYECANDY, "other", 4, sized=True),
    _rule(r"^props/special/wagon", "other", sized=True),
    _rule(r"^props/special/palisade_(rocks|tall|small|angle)\w*", "structure", 2),
    _rule(r"^props/special/common/(plot_fence|garrison_flag_celt|waypoint_flag)$", "structure"),
    _rule(r"^props/units/(helmets|shields|armor|weapons|heads)/props/"),
    _rule(
        r"^props/units/weapons/\w*(_projectile|_ammo|_loaded|fire-works\w*|_arrows|arrow_front)$"
    ),
    _rule(r"^props/units/weapons/(sheath|arrow)/"),
    _rule(r"^props/units/helmets/", "other", 2, sized=True),
    _rule(r"^props/units/tools/(basket|fish_bucket)", "container", 4, sized=True),
    _rule(r"^props/units/shields/kart_turret", "structure"),
    _rule(r"^props/units/weapons/(rock|hele_siege_rock)", "rock"),
    _rule(r"^props/units/shuttle_(meat|metal|stone|wood)", "other"),
    _rule(r"^props/units/(shields|weapons|tools)/", "tool", 4, sized=True),
    _rule(r"^props/units/(\w*quiver\w*|quivers/.*|shuttle_\w+|jav_bag|seed_bag)$", "container", 1),
    _rule(r"^props/units/(han/mangonel_packed|rome_scorpio_weapon|zebu_head|parasol)$", "other"),
    _rule(r"^props/units/celt_carnyx", "instrument", sized=True),
    _rule(r"^props/(wooden_cart\w*)$", "other"),
    _rule(r"^props/structures/construction/scaf_\d"),
    _rule(r"^props/structures/construction/scaf", "structure"),
    _rule(r"^props/structures/\w+/\w*(statue|lion|bixie|ashoka_pillar)\w*$", "structure"),
    _rule(r"^props/structures/\w+/\w*(barrel|bucket|_box|basket|amphora)\w*$", "container"),
    _rule(r"^props/structures/\w+/\w*(cauldron)\w*$", "pan"),
    _rule(r"^props/structures/\w+/\w*(vases)\w*$", "vase"),
    _rule(r"^props/structures/\w+/\w*(_table)\w*$", "table"),
    _rule(r"^props/structures/\w+/\w*(fishing_boat|dock_boat|dock_warship)$", "ship"),
    _rule(r"^props/structures/\w+/\w*(cart|chariot|anvil|wheel|armorstand|_ram)\w*$", "other"),
    _rule(r"^props/structures/\w+/\w*(stall|megalith|scaf\w*|fence|obelisk)\w*$", "structure"),
)

# meshes that come with others and do not make another object of one
MINOR = re.compile(
    r"(handgrip|sheath|quiver|arrow|blood|rein|strap|hair|/shield/props/|boss|spina|scabbard|decal|"
    r"handle|feather|crest|eyecandy|props/(barrel|box|crate|vase|basket|sack))"
)
# what of a building decides which building it is; the clutter around it does not
MAIN_STRUCTURE = re.compile(r"^(structural|skeletal)/")
# what of a mounted group decides which one it is: the animal, the rider's build, large gear
MAIN_MOUNT = re.compile(
    r"^(skeletal/|props/\w*(horn|antler)|props/elephant|"
    r"props/horse/(cav_)?(armor|blanket|winged|head))"
)

# looked at and left out; a name with ~ is one of an actor's alternatives
_LEFT_OUT = """
fauna/elephant fauna/fish_generic fauna/zebra_2
props/flora/bush props/flora/temp_cliffs_a props/flora/foliagebush
flora/trees/baobab_new_branches_dead flora/trees/baobab_new_leaves_dead flora/trees/palm_tropical~2
geology/stone_desert_badlands_furrowed_cliff geology/stonemine_granite_large
props/special/eyecandy/brick_pile_02 props/special/eyecandy/brick_pile_04
props/special/eyecandy/broken_rope_bridge_long props/special/eyecandy/column_doric_fallen~2
props/special/eyecandy/column_doric_fallen_b~1 props/special/eyecandy/column_doric_top
props/special/eyecandy/greek_temple_unfinished_columns props/special/eyecandy/well_woodbit
props/special/eyecandy/barrels_floating props/special/eyecandy/box_pile~1
props/special/eyecandy/produce_bins~1 props/special/eyecandy/barrel_a_empty_02
props/special/eyecandy/tables_weapons_iber_shields props/special/eyecandy/dead_bull_head
props/special/eyecandy/object_pile props/special/eyecandy/hay_cart~1
props/special/eyecandy/hay_small props/special/eyecandy/celt_sword_heap_01
props/special/eyecandy/plank_pile_big_01 props/special/eyecandy/wood_1_b
props/special/eyecandy/wood_1_c props/special/eyecandy/wood_1_d
props/special/eyecandy/wood_small_1_b props/special/eyecandy/wood_small_1_c
props/special/eyecandy/skeleton props/special/eyecandy/skeleton_propped
props/special/eyecandy/shipwreck_hull props/special/eyecandy/shipwreck_sail_boat_cut
props/special/eyecandy/shipwreck_sail_boat~1 props/special/eyecandy/shipwreck_sail_boat~2
props/special/eyecandy/shipwreck_sail_boat~3 props/special/eyecandy/shipwreck_sail_boat~4
props/special/eyecandy/shipwreck_sail_boat~5 props/special/palisade_angle_spike
props/special/palisade_rocks_outpost_banners props/special/palisade_small_spikes
props/special/palisade_tall_spikes props/structures/construction/fence_a
props/structures/construction/fence_b props/structures/construction/fence_c
props/structures/construction/scaf_10x12_mausoleum props/structures/global/mausoleum_statues_gold
props/structures/gauls/cult_statue_nature props/structures/gauls/cult_statue_skulls
props/structures/gauls/house_c_scaffold props/structures/gauls/wonder_amphorae
props/structures/han/bixie_nature props/structures/han/civic_center_bixie
props/structures/han/ministry_bixie props/structures/kushites/civic_centre_lion_statues
props/structures/kushites/civic_centre_statue_sphynx
props/structures/kushites/statue_bird_damaged props/structures/kushites/statue_ram_horns
props/structures/mauryas/ashoka_pillar_big_base_flowers
props/structures/mauryas/ashoka_pillar_big_base_struct props/structures/mauryas/cc_lions
props/structures/mauryas/market_stalls_cloth props/structures/persians/bireme_fence
props/structures/ptolemies/dock_scaffold props/structures/ptolemies/edfu_statues
props/structures/persians/alt_building_05_baskets props/structures/ptolemies/fishing_boat_basket
props/structures/romans/rome_capitoline_statues props/structures/romans/rome_cc_statues
props/structures/romans/rome_temple_big_statues props/structures/celts/celt_tavern_table_eyecandy
props/structures/carthaginians/farmstead_cart props/structures/celts/siege_ram_shields
props/structures/britons/workshop_chariot_props_01
props/structures/britons/workshop_chariot_props_02
props/units/helmets/han_advanced_melee_helmet props/units/helmets/han_hairbun
props/units/helmets/han_cavalry_swordsman_helmet props/units/helmets/iber_helmet_02
props/units/helmets/headband_generic props/units/tools/fishing_net_gaul props/units/tools/basket
props/units/pers_quiver_back props/units/pers_quiver_hip
props/units/weapons/iber_healer_staff_skull props/units/shields/kart_turret_hannibal_back
special/pyramid_minor structures/hellenes/prytaneion_decor structures/kushites/merchant_sail
structures/persians/ice_house~2 structures/persians/ice_house~3 structures/persians/ice_house~4
structures/persians/ice_house~5 temp/cc units/celts/trader units/iberians/trader
units/kushites/trader
"""
# poses that hardly differ from another one of the same body (under 3 % of its length)
_SAME_POSE = """
fauna/camel@run-0.80 fauna/crocodile@walk-0.60 fauna/crocodile@run-0.80 fauna/donkey@idle-0.50
fauna/elephant_african_baby@idle-0.50 fauna/hawk@walk-0.10 fauna/hippopotamus@feeding-0.50
fauna/pony@feeding-0.50 fauna/seagull@idle-0.50 fauna/sheep1@idle-0.50 fauna/zebu@idle-0.50
units/celts/fisherman@walk-0.20 units/mauryas/fisherman@run-0.60
"""
EXCLUDED: frozenset[str] = frozenset((_LEFT_OUT + _SAME_POSE).split())
# degrees about Z, counter-clockwise from above, that turn an actor's front to -Y
YAWS: tuple[tuple[re.Pattern[str], float], ...] = ((re.compile(r"^fauna/(crow|seagull)$"), 180.0),)

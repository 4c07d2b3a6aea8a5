"""SuperTuxKart: which object is used as which class, and what had to be corrected.

Made by looking at contact sheets of every kart, library object, model and prop of a track. Left
out: terrain, invisible walls, pictures on planes (grass, leaves, flags), levels of detail.
"""

from __future__ import annotations

# folder -> class -> names in it; `stklib_` and `_a` of the library are written out in `kinds`.
_KARTS = """adiumy amanda emule gavroche kiki konqi nolok pidgin sara_the_wizard suzanne tux wilber
    xue puffy"""
_LIBRARY: dict[str, str] = {
    "chair": "armchair bench classchair",
    "cabinet": "hd_metalWoodOldChest_a",
    "lamp": """asianLantern loveLantern mineLantern oldLantern oldLibraryLamp oldschoolLamp
        stormLantern hd_chineseRedLantern_a metalPostLamp showProjector industrialLamp
        woodPostLamp oldschoolLampVerticalSupport""",
    "screen": "computerScreenMail",
    "appliance": "airConditioner bigAirBlower",
    "cup": "orangeCocktail",
    "vase": "aztekVase",
    "container": "boxGrid luggage giantPlasticBag fitchBarrel tiresBarrier",
    "instrument": "gramophone loudspeaker",
    "tool": "pencilPaint smartphone umbrellaBeach easel",
    "plant": """cabbage hd_palmTree_a jackOLantern mushroom mushroom_b pumpkin carrot
        deadBranch treeStump jungleTree_b""",
    "rock": "snowRocks reef tetrapodUnderwater",
    "car": "oldCar tvVan",
    "truck": "stk_combineHarvester_a",
    "train": "steamLocomotive",
    "airplane": "hexajet trijet blimp",
    "ship": "ReedBoat",
    "person": "aztekGirlCheering beachGuy beachWomen silvianGirl mermaid poseidon "
    "entranceGuardianMale",
    "bird": "bird redParrot",
    "fish": "piranha fishSkeleton",
    "quadruped": "animalPig",
    "creature": """gnuMeditation kiki konqi monkeyCheering redCrab wilbertSecurity redShell
        spiralBlueShell aztecFountain""",
    "building": """aztecHouse_a aztecHouse_b aztecHut igloo modernHousing modernHousing_b old_house
        silvianHouse silvianHouse_b silvianHouse_c silvianKiosk sandCastle woodLodge carousel""",
    "structure": """asianWoodPost bambooTorch beachBarMenu blueRadioTower chimney chimney_b
        electricalBox electricalFencePost electricalFence ferryWheels greenRadioTower
        inflatableFence inflatableFence_b inflatableFence_c jetBlast
        logBarrier logBarrierEndPost mailbox metalSupportBeam pallet ranchPortal redToriiPortal
        runwayBeacon slivianFountain trainSemaphore watertower windpump
        woodLittleBridge silvianClock balcony""",
    "other": "candle hayBall papiAirport lowRockBarrier",
}
_MODELS: dict[str, str] = {
    "container": "chest gift-box nitrotank-big nitrotank-small",
    "tool": "anchor plunger swatter swatter_nolok bomb",
    "plant": "banana",
    "bird": "thunderbird",
    "cup": "trophy_bronze trophy_gold trophy_platinum trophy_silver",
    "toy": "bowling rubber_ball easter_egg parachute",
    "other": """bubblegum bubblegum_shield_nolok cake christmas_hat tire bubblegum-nolok""",
}
_TRACKS: dict[str, str] = {
    "chair": "black_forest/chair_a",
    "table": "black_forest/house_table black_forest/desk_a",
    "cabinet": "black_forest/bookshelf_a",
    "lamp": "mines/greenSpot ancient_colosseum_labyrinth/pipe",
    "bowl": "black_forest/teller",
    "pan": "black_forest/topf",
    "container": """battleisland/Chest mines/cart_2 overworld/cart
        pumpkin_park/rollerCoasterTrain_a mines/Circle.036_Circle.000""",
    "tool": """battleisland/Cannon cave/Stoneage_spear featunlocked/ChestKey mines/cogwheel1
        overworld/cogwheel2 cocoa_temple/cocoa_shredder fortmagma/cannonAnim""",
    "toy": """gran_paradiso_island/beachball_play minigolf/Golfball
        lasdunassoccer/soccer_ball snowtuxpeak/Balloon pumpkin_park/balloons_a""",
    "plant": """overworld/cactus overworld/tree_2_LOD50 zengarden/sakuraPine_LOD45
        snowmountain/tree introcutscene/tree snowtuxpeak/pipe_LOD50
        ravenbridge_mansion/tree_no_shortcut
        ravenbridge_mansion/tree_shortcut black_forest/fir_tree_a black_forest/log_big_a
        black_forest/log_small_001_lod_model_a black_forest/branch_b black_forest/stump_01
        volcano_island/coconut
        black_forest/woodpile""",
    "rock": """black_forest/hat_a_high fortmagma/diamond
        black_forest/stones_01 black_forest/river_stones_a black_forest/graden_stones_d""",
    "quadruped": "black_forest/cow",
    "train": "cornfield_crossing/train_wagon",
    "airplane": "introcutscene/Ship",
    "ship": "arena_candela_city/gondola",
    "person": "ancient_colosseum_labyrinth/Sara",
    "bird": "minigolf/duck",
    "creature": """ancient_colosseum_labyrinth/Nolok endcutscene/EndingGNU
        introcutscene2/Nolok_intro ravenbridge_mansion/ghost cave/Dinosaur_skull
        overworld/skull""",
    "building": "introcutscene/pagoda",
    "structure": """overworld/pedestral_hi snowtuxpeak/pillard_LOD70 lighthouse/buoy
        black_forest/road_close1 volcano_island/road_close1
        minigolf/windmill_arm1 introcutscene/Tori1 overworld/LeftDoorClosed black_forest/door_a
        black_forest/logBarrier zengarden/bridge_LOD50 alien_signal/blue_tower
        abyss/submarine_sphere_a ancient_colosseum_labyrinth/foundationRuin fortmagma/winFrame
        temple/sign black_forest/stairs_a""",
    "other": """overworld/rocket_hi lighthouse/buoy_lantern lasdunasarena/big_wheel
        lasdunasarena/shredder xr591/curiosity stk_enterprise/terminal
        icy_soccer_field/puck black_forest/antlers_high cave/Dinosaur_arm""",
}
# Classes whose objects have the size of real ones.
TRUE_TO_SCALE: tuple[str, ...] = ()
# Files with several copies standing apart, of which one is taken.
ONE_OF_MANY = frozenset(
    {
        "library/stklib_carrot_a",
        "library/stklib_entranceGuardianMale_a",
        "library/stklib_tiresBarrier_a",
        "library/stklib_mushroom_b",
        "tracks/black_forest/cow.spm",
        "tracks/black_forest/graden_stones_d.spm",
        "tracks/black_forest/river_stones_a.spm",
        "tracks/black_forest/stones_01.spm",
        "tracks/black_forest/stump_01.spm",
    }
)
# Degrees about the engine's X axis, for what the track's scene lays on its side.
PITCH_FIXES: dict[str, float] = {
    "tracks/introcutscene/pagoda.spm": -90,
    "tracks/zengarden/bridge_LOD50.spm": -90,
}
# Degrees about Z, counter-clockwise from above.
YAW_FIXES: dict[str, float] = {
    "library/stklib_poseidon_a": 180,
    "library/stklib_konqi_a": -60,
    "library/stklib_fishSkeleton_a": -90,
    "library/stklib_ReedBoat_a": 90,
    "library/stklib_airConditioner_a": -90,
    "library/stklib_animalPig_a": 90,
    "library/stklib_armchair_a": 90,
    "library/stklib_aztecFountain_a": 90,
    "library/stklib_beachGuy_a": 180,
    "library/stklib_bird_a": -90,
    "library/stklib_gramophone_a": 90,
    "library/stklib_hexajet_a": 180,
    "library/stklib_oldCar_a": 180,
    "library/stklib_piranha_a": 180,
    "library/stklib_steamLocomotive_a": -90,
    "library/stklib_tvVan_a": -90,
    "tracks/ancient_colosseum_labyrinth/Nolok.spm": 180,
    "tracks/ancient_colosseum_labyrinth/Sara.spm": 180,
    "tracks/black_forest/chair_a.spm": -90,
    "tracks/black_forest/cow.spm": 90,
    "tracks/minigolf/duck.spm": 90,
}
# Names of one body in other colours or poses -> the body.
IDENTITIES: dict[str, str] = {
    "library/stklib_electricalFence_a": "library/stklib_electricalFencePost_a",
    "library/stklib_inflatableFence_b": "library/stklib_inflatableFence_a",
    "library/stklib_inflatableFence_c": "library/stklib_inflatableFence_a",
    "models/nitrotank-small.spm": "models/nitrotank-big.spm",
    "models/rubber_ball.spm": "models/bowling.spm",
    "models/trophy_bronze.spm": "models/trophy_gold.spm",
    "models/trophy_platinum.spm": "models/trophy_gold.spm",
    "models/trophy_silver.spm": "models/trophy_gold.spm",
    "tracks/gran_paradiso_island/beachball_play.spm": "models/bowling.spm",
    "tracks/introcutscene/Tori1.spm": "library/stklib_redToriiPortal_a",
    "tracks/lasdunassoccer/soccer_ball.spm": "models/bowling.spm",
    "tracks/minigolf/Golfball.spm": "models/bowling.spm",
    "tracks/overworld/cart.spm": "tracks/mines/cart_2.spm",
}


def kinds() -> dict[str, str]:
    """Class by name: a folder of a kart or library object, or a file, under the data folder."""
    found = {f"karts/{name}": "cycle" for name in _KARTS.split()}
    found["karts/gnu"] = "creature"
    found["karts/sara_the_racer"] = "person"
    for kind, names in _LIBRARY.items():
        for name in names.split():
            found[f"library/{_library_folder(name)}"] = kind
    for kind, names in _MODELS.items():
        for name in names.split():
            found[f"models/{name}.spm"] = kind
    for kind, names in _TRACKS.items():
        for name in names.split():
            found[f"tracks/{name}.spm"] = kind
    return found


def _library_folder(name: str) -> str:
    if name.startswith(("hd_", "stk_")):
        return name
    return f"stklib_{name}" if name[-2:] in ("_a", "_b", "_c") else f"stklib_{name}_a"

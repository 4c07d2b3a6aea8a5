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
    "container": "boxGrid luggage giantPlasticBag fitchBarrel computer",
    "instrument": "gramophone loudspeaker",
    "tool": "pencilPaint smartphone umbrellaBeach easel",
    "plant": """cabbage cornPlant hd_palmTree_a jackOLantern mushroom mushroom_b pumpkin carrot
        deadBranch treeStump jungleTree_b cypress cocoaTree""",
    "rock": "snowRocks reef tetrapodUnderwater",
    "car": "oldCar tvVan",
    "truck": "stk_combineHarvester_a",
    "train": "steamLocomotive",
    "airplane": "hexajet trijet blimp",
    "ship": "ReedBoat",
    "person": "aztekGirlCheering beachGuy beachWomen silvianGirl mermaid poseidon",
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
        woodLittleBridge loveAlcove silvianClock balcony""",
    "other": "candle hayBall kikiPainter wilberPainter papiAirport lowRockBarrier",
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
    "chair": "black_forest/bench_lod_a black_forest/chair_a",
    "table": "black_forest/house_table black_forest/desk_a black_forest/small_table_a",
    "cabinet": "black_forest/bookshelf_a",
    "bed": "black_forest/bed",
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
        black_forest/log_small_001_lod_model_a black_forest/branch_b volcano_island/coconut
        black_forest/woodpile""",
    "rock": """black_forest/hat_a_high fortmagma/diamond black_forest/graden_stones_d""",
    "train": "cornfield_crossing/train_wagon",
    "airplane": "introcutscene/Ship",
    "ship": "arena_candela_city/gondola",
    "person": "ancient_colosseum_labyrinth/Sara",
    "bird": "minigolf/duck introcutscene2/TuxIntro",
    "creature": """ancient_colosseum_labyrinth/Nolok endcutscene/EndingGNU
        introcutscene2/Nolok_intro ravenbridge_mansion/ghost cave/Dinosaur_skull
        overworld/skull xr591/robot_high""",
    "building": "fortmagma/castel introcutscene/pagoda",
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
# Degrees about Z, counter-clockwise from above.
YAW_FIXES: dict[str, float] = {}
# Names of one body in other colours or poses -> the body.
IDENTITIES: dict[str, str] = {}


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

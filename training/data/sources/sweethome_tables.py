"""Sweet Home 3D: which model is used as which class, and what had to be corrected.

Made by looking at contact sheets of every model. Names are CATALOGUE/MODEL.
"""

from __future__ import annotations

# Furniture: catalogue -> class -> models.
FURNITURE: dict[str, dict[str, str]] = {
    "blendswap-cc-0": {
        "chair": """armchair oakChair plasticChair relaxChair silla2 stool deckChair sillaBlanca
            chair antiqueChair chairWithCushion chair2 foldingChair osakaChair designChair thonet
            stool2 modernArmchair armchair2 winchesterArmchair""",
        "table": """oakTable poolTable table_football tableWithTablecloth technicalTable1
            technicalTable2 desk table lbDesk""",
        "sofa": "L_shaped_sofa sofa couch couch2 sofa2 winchesterSofa",
        "cabinet": """bedsideTable2 bookcase shelves televisionCabinet verticalShelves
            wardrobeWithSlidingDoors cupboard drawersCabinet glassDoorCabinet highCabinet
            lowerCabinet lowerCornerCabinet sinkCabinet smallUpperCabinet upperCabinet
            upperCornerCabinet upperShelves islandExtension lockedLocker""",
        "lamp": "desklamp lamp2 wallLight JapaneseLantern outdoorLamp lantern stoneLantern",
        "bed": "bed1 bed2 bedWithTexture babyRockingBed bed3",
        "airplane": "cartoon_biplane",
    },
    "blendswap-cc-by": {
        "chair": """cafe_set_mota_chair cafe_set_tonon_chair chair_deck chairWithCushion childChair
            ella_chair_f green_stool leaf_chair poolLounge wheelchair armchair1 fotel classSeat
            foldingChair plaidChair armChair2 kitchenChair chair3 chair4""",
        "table": """cafe_set_mota_table cafe_set_tonon_table biurko3 coffeeTable simpleDesk
            table_tennis table officeTable workbench""",
        "sofa": "cornerSofa sofa2 sofa3 couch3",
        "cabinet": """bedsideTable kitchenDrawersCabinet kitchenIsland kitchenLowerCabinet
            kitchenSink kitchenSmallLowerCabinet kitchenSmallUpperCabinet kitchenUpperCabinet
            wardrobe kitchenGlassDoorCabinet chest tvStand bookcase dresserWithDrawers
            wardrobe2""",
        "lamp": "hangingLight lamp campingLamp",
        "bed": "bunkBed juniorBed lettoCloud",
        "car": "fordFocus carrito-de-madera",
    },
    "katorlegaz": {
        "chair": "cafe-chair mid-century-chair chair-ottoman bar-stool dining-chair office-chair",
        "table": "cafe-table folding-table glass-dining-table custom-desk",
        "sofa": "futon-couch mid-century-bench-sofa mid-century-sofa",
        "cabinet": "utility-shelving filing-cabinet full-bookcase",
        "lamp": """classic-lamppost hanging-restaurant-light park-light pedestal-vase-lamp
            porch-light wall-spotlight""",
        "car": """concept-sedan-01v2 concept-sedan-02 concept-sedan-02-sport VW-new-beetle
            concept-sedan-01v1""",
    },
    "scopia": {
        "chair": """ext_chair silla_teca armchair3 armchair armchair1 chair3 chair4 chair
            office_chair tubular_chair armchair2 bar_chair kids_desk_chair kitchen_stool
            modern_armchair plastic_chair white_kitchen_chair beach_chair baby_high_chair
            children_chair rattanArmchair ryokanChair""",
        "table": """ext_table black_table saloon_table coffee_table table3 table4
            wooden_table_office metal_glass_table glass_table_office desk_table bar_table
            kids_desk_table kids_wooden_desk living_room_table table_wood_and_iron
            wooden_office_alder_table wooden_office_pear_table_rect wooden_office_pear_table
            wooden_office_teak_table white_kitchen_table coffee-table2 table-on-trestles
            table-with-leaning-feet round-table children_table rattanTable dressing-table""",
        "sofa": """clear_sofa simple_sofa beige_sofa_2seats beige_sofa burlap_sofa leather_sofa
            sofa_white_beige convertible-sofa-BZ-closed rattanSofa""",
        "cabinet": """wardrobe1 dining_room office_furniture1 contemp_living_room kids_shelves
            changing-table""",
        "lamp": """farola1 desk_lamp1 desk_lamp2 little_lamp1 little_lamp2 little_lamp3
            saloon_lamp table_lamp living_room_lamp1 living_lamp chandelier-lamp ceiling-lamp
            candelabre""",
        "bed": """bed1 iron_bed children_bed crib hospital-bed convertible-sofa-BZ-opened
            captains-bed mezzanine-bed day_bed_frame""",
        "car": "seat_leon peugeot-308 renault-scenic suv chevrolet van smart-car",
        "truck": "truck bus cityBus",
    },
}

# Degrees about Z (counter-clockwise from above) that bring the front to -Y.
YAW_FIXES: dict[str, float] = {
    "scopia/day_bed_frame": -90.0,
    # tables whose long side ran away from the viewer, unlike all others
    "scopia/black_table": 90.0,
    "scopia/table4": 90.0,
}

# Colour versions and poses of one body: model -> name of the body.
IDENTITIES: dict[str, str] = {}

# Listed above, but broken.
EXCLUDED: frozenset[str] = frozenset()


def kinds() -> dict[str, str]:
    """Class by CATALOGUE/MODEL."""
    return {
        f"{catalogue}/{model}": kind
        for catalogue, classes in FURNITURE.items()
        for kind, models in classes.items()
        for model in models.split()
    }

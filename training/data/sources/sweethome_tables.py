"""Sweet Home 3D: which model is used as which class, and what had to be corrected.

Made by looking at contact sheets of every model. Names are CATALOGUE/MODEL.
"""

from __future__ import annotations

# Furniture: catalogue -> class -> models.
FURNITURE: dict[str, dict[str, str]] = {
    "blendswap-cc-0": {
        "chair": """armchair oakChair plasticChair relaxChair silla2 stool deckChair sillaBlanca
            chair antiqueChair chairWithCushion chair2 foldingChair osakaChair designChair
            thonet stool2 modernArmchair armchair2 winchesterArmchair bench pianoBench""",
        "table": """oakTable poolTable table_football tableWithTablecloth technicalTable1
            technicalTable2 desk table lbDesk""",
        "sofa": "L_shaped_sofa sofa couch couch2 sofa2 winchesterSofa",
        "cabinet": """bedsideTable2 bookcase shelves televisionCabinet verticalShelves
            wardrobeWithSlidingDoors cupboard drawersCabinet glassDoorCabinet highCabinet
            lowerCabinet lowerCornerCabinet sinkCabinet smallUpperCabinet upperCabinet
            upperCornerCabinet upperShelves islandExtension lockedLocker""",
        "bed": "bed1 bed2 bedWithTexture babyRockingBed bed3",
        "lamp": "desklamp lamp2 wallLight JapaneseLantern outdoorLamp lantern stoneLantern",
        "screen": "led_tv",
        "appliance": """doubleOven kitchenaid mano_cooktop oven radiator1 radiator2 radiator
            speaker2 speaker3 tableFan ceilingFan riggedFan coffeeBrewer radiator3 refrigerator
            largeFridge rangeHood stove""",
        "toilet": "toiletsUnit bidet urinal",
        "sink": "washbasin modernVanity",
        "bottle": "mamadeira yogurtBottle flacon",
        "cup": "caffe_final plasticCup beerGlass",
        "container": """cosmeticsPot pallet tetrapak ammoBox barrel crate box briefcase dustbin
            handbag shippingContainer""",
        "instrument": "pianoAQueue electricGuitar",
        "tool": "cissors_swap textMarker",
        "toy": "caballito teddyBear basketball motorbike woodToy",
        "plant": "flowerBox littlePlant augalas cactus decorativePlant orchids plant plantie",
        "rock": "rock1 rock2 rock3",
        "truck": "forkLift peterbilt",
        "airplane": "cartoon_biplane",
        "quadruped": "horse2",
        "bird": "chicken",
        "structure": "showerDoor childHut childSwing emergencySign fence seesaw spiralStaircase",
        "other": """butter comb deer knifeStandSwap mofx_mailbox toiletBrush toiletPaperDispenser
            towel2 towel3 umbrella whiteBoard headphones iphone umbrellaFolded kalender
            fireExtinguisher potty slippers bread cuckooClock tennisRacket wheelbarrow bootie
            cupcake hotDog showerStall""",
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
            wardrobe kitchenGlassDoorCabinet chest tvStand bookcase dresserWithDrawers wardrobe2""",
        "bed": "bunkBed juniorBed lettoCloud",
        "lamp": "hangingLight lamp campingLamp",
        "screen": "laptop",
        "appliance": """bathroomRadiator hood kitchenblender largeStove microwave radio
            washing_machine kitchenScale modernRadiator mp3Station radiatorAndTowels""",
        "bathtub": "bath_jay_hardy",
        "toilet": "toilets_unit_jay_hardy modernToilet",
        "sink": "washbasin_jay_hardy",
        "bottle": "beer_bottle",
        "cup": "coffee_cup glass cocktailGlass",
        "pan": "boiler largePan coffeePress espressokettle",
        "container": "backpack gift sef-kasa breadBox utensilsPot suitcase saltShaker",
        "instrument": "piano xylophone",
        "tool": "fork kitchenKnife knife spoon",
        "toy": "rubix2 ballonFoot chessboard toyTrain",
        "plant": """arbolito luckyBamboo mediumIndoorPlant spatifilum yuccaPlant decorativePlant
            spider_plant succulentPlant tulip white_lily tulips""",
        "car": "fordFocus carrito-de-madera",
        "truck": "dafTruck",
        "cycle": "bike",
        "ship": "rowboat",
        "quadruped": "bulldog horse siameseCat",
        "creature": "bonecoDeNeve",
        "structure": "fountain",
        "other": """book choppingBoard clock kitchenTools lipStick mobile suit thermometer
            wallDoubleSocket wallSocket towel wirelessOfficePhone3 abdominalBench hamburger
            sunglasses tableTennisBat treadmill surveillanceCamera fitnessTower""",
    },
    "katorlegaz": {
        "chair": """cafe-chair mid-century-chair chair-ottoman bar-stool dining-chair office-chair
            bench""",
        "table": "cafe-table folding-table glass-dining-table custom-desk",
        "sofa": "futon-couch mid-century-bench-sofa mid-century-sofa concrete-bench painted-bench",
        "cabinet": "utility-shelving filing-cabinet full-bookcase",
        "lamp": """classic-lamppost hanging-restaurant-light park-light pedestal-vase-lamp
            porch-light wall-spotlight fluorescent fluorescent-strip track-lights
            wall-lamp-artwork""",
        "screen": "apple-ibook-2001 apple-imac-1998",
        "appliance": "coffee-maker fridge propane-stove",
        "bottle": "spray-bottle red-wine-bottle-01 oil-servers",
        "cup": "coffee-mug 12-oz-glass highball-glass",
        "bowl": "ashtray bowl dinner-plate bread-plate",
        "container": """park-trashcan residential-trashcan bullet-trash-can recycling-bin
            trunk-large""",
        "instrument": "MIDI-keyboard",
        "tool": "flashlight stapler tape-measure",
        "car": """concept-sedan-01v2 concept-sedan-02 concept-sedan-02-sport VW-new-beetle
            concept-sedan-01v1""",
        "cycle": "scooter",
        "person": "female-01-casual-clothing male-01-suit",
        "structure": """screen-door window-01 window-08 window-08-02 exterior-door-01
            exterior-door-02 exterior-door-03 exterior-door-05 exterior-door-07 porch-column-01
            porch-column-02 porch-column-03 iron-railing-02 fire-hydrant""",
        "other": """bathroom-tissue towel-rack clothes-hanger hanging-clothes1 hanging-clothes2
            hose-reel newspaper showerCurtain""",
    },
    "reallusion": {
        "person": """female01 female02 female03 male01 male02 male03 holdingMale01 holdingFemale01
            holdingFemale02 holdingFemale03 sitMale03 lyingDownFemale01 lyingDownMale01
            lyingDownMale02 sitFemale01 sitFemale02 sitFemale03 sitMale01 sitMale02 boyLying
            boySitting boyStanding girlSittingGround girlSittingTable girlStanding""",
    },
    "scopia": {
        "chair": """ext_chair silla_teca armchair3 armchair armchair1 chair3 chair4 chair
            office_chair tubular_chair armchair2 bar_chair kids_desk_chair kitchen_stool
            modern_armchair plastic_chair white_kitchen_chair beach_chair baby_high_chair
            children_chair rattanArmchair ryokanChair littlebank puff""",
        "table": """ext_table black_table saloon_table coffee_table table3 table4
            wooden_table_office metal_glass_table glass_table_office desk_table bar_table
            kids_desk_table kids_wooden_desk living_room_table table_wood_and_iron
            wooden_office_alder_table wooden_office_pear_table_rect wooden_office_pear_table
            wooden_office_teak_table white_kitchen_table coffee-table2 table-on-trestles
            table-with-leaning-feet round-table children_table rattanTable dressing-table""",
        "sofa": """clear_sofa simple_sofa beige_sofa_2seats beige_sofa burlap_sofa leather_sofa
            sofa_white_beige convertible-sofa-BZ-closed rattanSofa wood_bank""",
        "cabinet": """wardrobe1 dining_room office_furniture1 contemp_living_room kids_shelves
            changing-table box_room office_box""",
        "bed": """bed1 iron_bed children_bed crib hospital-bed convertible-sofa-BZ-opened
            captains-bed mezzanine-bed day_bed_frame futon""",
        "lamp": """farola1 desk_lamp1 desk_lamp2 little_lamp1 little_lamp2 little_lamp3 saloon_lamp
            table_lamp living_room_lamp1 living_lamp chandelier-lamp ceiling-lamp candelabre
            candle complements2""",
        "screen": "tv apple_pc wall-flat-tv",
        "appliance": """dvd coffee_machine clothes_washing_machine dryer_machine
            electric_water_heater_big electric_water_heater external-unity-air-conditioning
            gaz_water_heater inkjet_and_scanner_printer internal-unity-air-conditioning
            mini_stereo mp3_base_for_ipad stereo_amplifier water_cooler chest-freezer furnace
            video-projector playstation4 small-oven cooker deepFryerWithFrenchFries
            electronicScale kitchenHood sandwichMaker stoneGrillDevice toaster""",
        "bathtub": "corner_bathtub islandBath jacuzzi",
        "toilet": "small-urinal",
        "sink": "bathroom3 bathroom4 bathroom1 bathroom_vanity double_vanity small_lavatory",
        "bottle": """wine_bottle com_bath com_bath2_jabon_pijo com_bath2_soap medicoscopia_bottle
            medicoscopia_bottle2""",
        "cup": "creamer cup",
        "bowl": "bowl apples basin bowlWithFruits bowlWithSalad",
        "pan": "teapot",
        "vase": "old_jar pottery vase1 vase2 vase3 jar sugar",
        "container": """tray medicoscopia_box penbox letters_box cardboard-box open-cardboard-box
            shopping-basket clothes-basket""",
        "tool": """kitchen_tool1 kitchen_tool2 kitchen_tool3 kitchen_tool4 pencil1 pencil2
            com_bath2_cepillo broom shovel scie-egoine pelle perceuse-electrique marteau
            tournevis meuleuse-electrique pince-coupante""",
        "toy": "doll doll-house",
        "plant": """maceta vase5 calla_lily_with_roses christmas_tree ficus bonsai-tree bush
            high-hedge hedge hedgeTextured acacia bamboo ficusTree bluePineSnow coconutTree
            coconutTreeBended copperBeech cypress japaneseMaple poplar palm peachBlossom pine
            pineSnow sabalPalmeto sycamoreMaple""",
        "car": "seat_leon peugeot-308 renault-scenic suv chevrolet van smart-car",
        "truck": "truck bus cityBus",
        "cycle": "yamaha-yzr-r6 scooter tricycle bicycle scooter2",
        "person": "mannequinMale mannequinBrunette",
        "quadruped": "cat dog rabbit",
        "building": "garden-hut dog-house",
        "structure": """parque puerta child_swing elevator-door elevator garage-door turn-window
            door double_door_2 double_door_with_little_part double_door
            window_2x1_medium_with_large_pane window_2x1_with_sliders window_2x3_arched
            window_2x3_regular window_2x3 window_2x4_arched window_2x4 window_2x6 window_3x1
            window_4x1 window_4x3_arched window_4x3 window_4x5 iron-railing-1 iron-railing-2
            iron-railing-3 passage-a-niveau glass_door glassDoor2 barnum garage-door2 escalator
            chimney round-chimney""",
        "other": """sushi_tray com_bath3 bandeja com_bath2_esponja com_bath2_peineta
            com_bath3_toalla frame1 frame2 glasses phone basic_camera birthday_cake
            folded_clothes intercom_with_screen intercom reflex_camera sneakers woman_shoes
            japanese_style_screen basketball_net_and_board curtain dart_game flipper wood_logs
            fireplace1 fireplace2 indoor-bike rectangle-swimming-pool round-swimming-pool
            sandpit garden-faucet punching-ball squeezer step-ladder-metal step-ladder-wood
            stroller trampoline wall-hanger aquarium diving-board mocassin mower roasted-chicken
            air-mattress tablet casquette chapeau casque pantalon-shadows short-shadows blouson
            jupe montre-with-pose bague rouleau-de-ruban-adhesif cone gant-textured cendrier
            keys CCTV entry-bell-ring entry-bell-speech-unit skateboard smoke-detector
            tv-remote-control ps4-joystick rounded-dimmer rounded-double-switch
            rounded-plug-TypeE square-switch square-plug-TypeG plug-TypeB-whites dimmer-whites
            clothes-rack campingTent frenchFries hammock kitchenKnifeStandSet paperTowelHolder
            sleepingBag spiceTower steak""",
    },
}

# Degrees about Z (counter-clockwise from above) that bring the front to -Y.
YAW_FIXES: dict[str, float] = {
    "scopia/day_bed_frame": -90.0,
    "blendswap-cc-0/caballito": 90.0,
    "blendswap-cc-0/forkLift": 90.0,
    "blendswap-cc-0/motorbike": -90.0,
    "blendswap-cc-by/toyTrain": 90.0,
    # tables whose long side ran away from the viewer, unlike all others
    "scopia/black_table": 90.0,
    "scopia/table4": 90.0,
}

# Colour versions and poses of one body: model -> name of the body.
IDENTITIES: dict[str, str] = {
    "katorlegaz/window-08-02": "katorlegaz/window-08",
    "scopia/window_2x3_regular": "scopia/window_2x3",
    "scopia/window_2x4": "scopia/window_2x3",
    "scopia/window_2x6": "scopia/window_2x3",
    "scopia/window_4x3": "scopia/window_4x1",
    "scopia/window_4x5": "scopia/window_4x1",
    "scopia/pineSnow": "scopia/pine",
    "scopia/frame2": "scopia/frame1",
    "scopia/square-plug-TypeG": "scopia/rounded-plug-TypeE",
    "scopia/plug-TypeB-whites": "scopia/rounded-plug-TypeE",
    "scopia/dimmer-whites": "scopia/rounded-dimmer",
    "reallusion/boySitting": "reallusion/boyStanding",
    "reallusion/boyLying": "reallusion/boyStanding",
    "reallusion/girlSittingTable": "reallusion/girlStanding",
    "reallusion/girlSittingGround": "reallusion/girlStanding",
}

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

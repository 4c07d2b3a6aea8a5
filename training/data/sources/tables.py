"""Which objects are used, as which class, and what had to be corrected: the tables.

Made by looking at contact sheets of every candidate. Names are those of `sources`.
"""

from __future__ import annotations

import re

CLASSES = ("chair", "table", "sofa", "cabinet", "lamp", "bed", "car", "airplane")

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
        "car": """seat_leon peugeot-308 renault-scenic truck bus suv chevrolet van smart-car
            cityBus""",
    },
}

# FlightGear, vehicles: folder -> file names without `.ac`.
VEHICLES: dict[str, str] = {
    "Scenery/Models/Transport": """110Bus CCS_catering_truck DPostTruck VWJetta_S1
        bmw3silver boxtruckusps bus-ba bus-muc  bussmallwhite camaroblack comtruckwhite1
        consdumptruck1 dodgeramblue gr_paramedic1 gr_policar1 hatchback_red honda1 hondacrvred
        hummerh2-ba it_policecar1 mazda_wagontaxi minibusblue1 motorhome pickupblue pickupred1
        pickupwhite tcamryred tourbus1 truck van_red vantransitwhite1 vanwhite vanwhite1 vanyellow1
        volvoxc90s1 voyager1 vwgolfsilver yard-tractor mxvtftrboxfedtruck""",
    "Scenery/Models/Airport/Vehicle": """94-f600-fuel-yellow-hi BFD_Sprinter_308
        Cobus_2700s Cobus_3000 EDDI-FollowMe ELW_Sprinter_215
        FireTruck_7.30m Fuel_Truck RTW_Sprinter_515 RW_GWG_MAN Rosenbauer_FLF_Panther8x8
        Rosenbauer_FLF_VFAEG Rosenbauer_TLF_5500 airvehcatgourmet1 airvehpickupgreen1 anac-fire
        boxvan-white catruckmed-gategourmet citerne-ba cobus2700-gen crashtender dicingtruck
        dragon-ba fire-truck-muc fire-truck-muc-2 firetruck-K-SANR firetruck-K fourgon-ba
        fueltruck1 gr_van-followme groundforce_bus hoskosh-ti-1500 larfueltruck-bp
        larfueltruck-servisair lirq_cobus3000 medfueltruck-bp medfueltruck-asig medtruck-servair
        rover-aegean smfueltruck-gen sweeper-lirq tractor4-blue tractor4-olympic traffic-ba
        van-aegean""",
    "Scenery/Models/Military": """coleman-tow-tractor-odrab-low-poly fuel-truck-lowpoly
        fuel-truck-medpoly humvee-pickup-odrab-low-poly""",
}

AIRPLANE_FOLDERS = (
    "AI/Aircraft",
    "Scenery/Models/Aircraft",
    "Models/Aircraft",
    "Models/Geometry",
)
AIRPLANES_ELSEWHERE = (
    "Aircraft/c172p/Models/c172p",
    "Scenery/Models/Military/KC10",
    "Scenery/Models/Military/F-16USAF132",
)
# In Models/Geometry, which is mostly ships and effects, only these are airplanes.
GEOMETRY_AIRPLANES = re.compile(r"/(a4-f-tanker|KA6-D|KC-130|KC135|glider)$")
NOT_AIRPLANES = re.compile(
    r"/lights?/|/balloon/|refueling|probe|/(tank|wheels|Banner|FerryBoat1|exhaust|OMSPods|SSME"
    r"|droptank|bluebird-ai|flash2a|strobe|testpilot|towropes|lights|LFTW\w*|ARFF-trainer)$"
    r"|toggle|WhiteLight|flare|_services|EC-?1[34]5|Helicopter|H-60|Mi-6|mil-mi|jetranger|dauphin"
    r"|lynx|/r44|superfrelon|railer|/Ulm_",
    re.IGNORECASE,
)

# What the sheets show turned: object name's last part -> where it faced before, as the degrees
# about Z (counter-clockwise from above) that bring it to -Y.
_FACED_MINUS_X = """
    airvehcatgourmet1 airvehpickupgreen1 boxvan-white catruckmed-gategourmet cobus2700-gen
    dicingtruck fourgon-ba gr_van-followme larfueltruck-bp larfueltruck-servisair lirq_cobus3000
    medfueltruck-asig medfueltruck-bp medtruck-servair rover-aegean smfueltruck-gen sweeper-lirq
    tractor4-blue tractor4-olympic traffic-ba van-aegean VWJetta_S1 bmw3silver boxtruckusps
    bussmallwhite camaroblack comtruckwhite1 consdumptruck1 dodgeramblue gr_paramedic1 gr_policar1
    honda1 hondacrvred hummerh2-ba mazda_wagontaxi minibusblue1 mxvtftrboxfedtruck pickupblue
    pickupred1 pickupwhite tcamryred tourbus1 vantransitwhite1 vanwhite vanwhite1 vanyellow1
    volvoxc90s1 voyager1
    A380-ba ATR42-ba Airbus_A320_200-american Airbus_A320_200-jetblue Airbus_A320_200-opunited
    Airbus_A320_200-spirit Airbus_A320_200-united B737-ba B747-ba B747cargo-ba
    Boeing_737-800-alaska Boeing_737-800-opdelta Boeing_737-800-opsouthwestheartone
    Boeing_737_300 Boeing_737_800-american Boeing_737_800-southwest Boeing_737_800-united
    Boeing_747_400-virgin Boeing_757_200-american Boeing_757_200-delta Boeing_757_200-united
    Boeing_767-300-delta Boeing_767-300-dhl Boeing_767_300-ups Boeing_777_300ER-emirates
    Bombardier_CRJ700-amereagle Bombardier_CRJ700-deltacon C208Car-bluen642dg Cessna185
    ContinentalB1900D DHLB767 Embraer_175-aircanexp Embraer_175-amereagle Embraer_175-deltacon
    Embraer_175-uniexp FedexDC10 MD11cargo-ba MD_88-delta NWAB757 PiperCherokee140 PiperWarriorII
    RJ70-ba UPSB767 USPSB727 UnitedExpressB1900D atr42-airfrance atr42_500-airdolomiti
    avro-rj70-lufthansa avro-rj70-meridiana avro-rj70-swiss bomgloexp-redn712zt bonanzae35yellow1
    c150blue1 c172-bluen108av c172blue1 c180jred1 c185eblue1 c402c-capeair citationii_n236rm
    falcon7xstrip1 hr200blue1 huskyyellow1 kab2001 lj35-whiten362aj lj35gray1 lj60white1
    ms880rallye-yellow mxaabo757200fed mxaamd11fed mxaamd11fed_lowpoly pa181 pa31blue1 pc12blue1
    tb20blue1 F-16USAF132 KC10
"""
_FACED_PLUS_X = """
    dragon-ba it_policecar1 vwgolfsilver bus-ba
    Airbus_A319-meridiana a332corsair-obj-ba a340-aircanada-ba a340-airfrance-ba a340-lufthansa-ba
    b737-airfrance-ba bae-ootas-tnt-ba rj70-eidew-airfr-ba static-a320-200-austrian-ba
    static-b737-800-airberlin-ba virus-sw day_bed_frame
"""
_FACED_PLUS_Y = """
    citerne-ba FireTruck_7.30m
    Cessna150-ba Cessna150_fr_reg Cessna150_no_reg Cessna172-ba Cessna172_blue Cessna172_fr_reg
    Cessna172_green Cessna172_red Cessna172_sky Cessna172_yellow DR221-ba DR400-ba DR400-blue
    DR400-dauphin DR400-green DR400-orange DR400-red DR400-yellow DR400_fr_reg HR200-ba KOFF_B-52
    KOFF_E4B MS880_rallye-ba MS880_rallye-blue MS893-br MS893-w R3000-ba TB20-ba dr221blue1
"""
YAW_FIXES: dict[str, float] = {
    **dict.fromkeys(_FACED_MINUS_X.split(), 90.0),
    **dict.fromkeys(_FACED_PLUS_X.split(), -90.0),
    **dict.fromkeys(_FACED_PLUS_Y.split(), 180.0),
    # tables whose long side ran away from the viewer, unlike all others
    "scopia/black_table": 90.0,
    "scopia/table4": 90.0,
}

# Extra groups of the file to leave out, by object name (a pattern on group names).
DROP_GROUPS: dict[str, str] = {"AI/Aircraft/vulcanb2/Models/vulcanb2": "chute"}

# Objects that the sheets show broken, or with stray parts that cannot be told apart.
BROKEN: frozenset[str] = frozenset(
    {
        "Scenery/Models/Aircraft/d112blue1",
        "Scenery/Models/Aircraft/D112-ba",
        "Scenery/Models/Aircraft/b737-airfrance-ba",  # its fin is a square with a cut-out picture
    }
)


def yaw_fix(name: str) -> float:
    """Degrees about Z for an object: looked up by its whole name, then by its last part."""
    return YAW_FIXES.get(name, YAW_FIXES.get(name.rpartition("/")[2], 0.0))

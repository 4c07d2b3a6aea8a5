"""FlightGear: which model is used as which class, and what had to be corrected.

Made by looking at contact sheets of every candidate. Names are paths without `.ac`.
"""

from __future__ import annotations

import re

from .flightgear_scenery import SCENERY

# Folder -> class -> file names without `.ac`.
MODELS: dict[str, dict[str, str]] = {
    "Scenery/Models/Transport": {
        "container": """barrel-1 barrel-8 container_20ft_ISO container_40ft_ISO containerstack1x3x21
            containerstack1x6x41 garbagecontainerblue garbagecontainerrusty grit_container
            kontener_bialy""",
        "car": """VWJetta_S1 bmw3silver camaroblack dodgeramblue gr_policar1 hatchback_red honda1
            hondacrvred hummerh2-ba it_policecar1 mazda_wagontaxi pickupblue pickupred1
            pickupwhite tcamryred van_red vantransitwhite1 vanwhite vanwhite1 vanyellow1
            volvoxc90s1 voyager1 vwgolfsilver VWPassat_S1""",
        "truck": """110Bus CCS_catering_truck DPostTruck boxtruckusps bus-ba bus-muc bussmallwhite
            comtruckwhite1 consdumptruck1 gr_paramedic1 minibusblue1 motorhome tourbus1 truck
            yard-tractor mxvtftrboxfedtruck BlueContainerTruck Norberttruck Trailer bulldozer
            bus-muc-2 bus_bi-ba bus_bi_turn-ba consbrooms1 consdigger1 consforklift1 consgrader1
            consroller1 forklift mxvtfedtr mxvtftrwhshort steamroller""",
        "train": """Class_66 Hitachi-395-coach Hitachi-395-power-car ICE3firstcar ICE3middlecar
            KSFO_AirTrain LINT Manchester_MetrolinkTram dc-metro-train diesel_T153 flatcar
            lner-teak-brake-coach lner-teak-first-class-coach locomotive-A4 switcher tender-A4
            wagon-ore""",
        "ship": "SRN4",
        "other": "fedextrailer",
    },
    "Scenery/Models/Airport/Vehicle": {
        "car": """BFD_Sprinter_308 EDDI-FollowMe ELW_Sprinter_215 airvehpickupgreen1 gr_van-followme
            rover-aegean traffic-ba van-aegean hatchback_red_follow_me""",
        "truck": """94-f600-fuel-yellow-hi Cobus_2700s Cobus_3000 FireTruck_7.30m Fuel_Truck
            RTW_Sprinter_515 RW_GWG_MAN Rosenbauer_FLF_Panther8x8 Rosenbauer_FLF_VFAEG
            Rosenbauer_TLF_5500 airvehcatgourmet1 anac-fire boxvan-white catruckmed-gategourmet
            citerne-ba cobus2700-gen crashtender dicingtruck dragon-ba fire-truck-muc
            fire-truck-muc-2 firetruck-K-SANR firetruck-K fourgon-ba fueltruck1 groundforce_bus
            hoskosh-ti-1500 larfueltruck-bp larfueltruck-servisair lirq_cobus3000
            medfueltruck-bp medfueltruck-asig medtruck-servair smfueltruck-gen sweeper-lirq
            tractor4-blue tractor4-olympic BeltLoader EDXW_Cateringtruck0Level_blank
            EDXW_Cateringtruck4000Level_blank Rosenbauer_FLF_Panther8x8SWB airstairs-gen
            belt_loader beltloader-gen catrucklar-servair320cm catruckmed-gategourmet3m
            catruckmed-gategourmet45m catruckmed-servair190cm cloader-ba contain-ba
            fedextruck-ba fire-truck-ba lirq_pass1 loader-ba loader medpushbacksouthwest
            stairs2-lirq stairs3-lirq stairs4-lirq supacat_winch supertug tank1-ba
            tractor1-southwest tractor2-gen tractor3-gen tractor5-aero uldloader-gen""",
        "helicopter": "Volocopter",
        "other": """GPU-ba cargodolly cargodolly2 cargodolly2uld cart1-gen cart2-southwest
            cart2full-southwest cart3-olympic cart4-olympic generic-trailer-GPU gpu-gen
            lirq_cart2 lirq_cart3 sailplane_trailer""",
    },
    "Scenery/Models/Military": {
        "tool": "Bloodhound SA-2 nike_missile-stationary",
        "car": "humvee-pickup-odrab-low-poly",
        "truck": "coleman-tow-tractor-odrab-low-poly fuel-truck-lowpoly fuel-truck-medpoly",
    },
    "Scenery/Models/Maritime/Civilian": {
        "ship": """Atlantic_21_afloat Atlantic_21_Ashore Atlantic_85 Binnenschiff Catamaran
            ContainerShip CruiseShip D_Class_IRB Dhow_21ft Dhow_40ft Dhow_60ft Dutch_Master
            E_Class_Mk11 FerryBoat1 Freighter Guernsey_Ambulance_Boat HamburgExpress HouseBoat1
            HouseBoat2 HouseBoat3 HouseBoat4 HouseBoat5 HouseBoat6 HouseBoat7 HouseBoat8
            HouseBoat9 LargeFerry LargeTrawler MPPShip MediumFerry Mersey_Lifeboat Pilot_Boat
            RNLI_Hovercraft River_Ambassador SailBoatUnderPower SailBoatUnderSail
            SailBoat_38feet Scenic_Opal Severn_Lifeboat Shannon_Lifeboat SimpleFreighter
            SuperTanker Thames_Police_Boat Trent_Lifeboat Tyne_Lifeboat barge black-sailing-boat
            blue-sailing-boat blue-sailing-boat-20m container_carier containership1 contaiship1
            cruise_ship fireboat-massport fishboat1 green_sharp_pointed_boat lake-sailingboat
            lifeboat red-sailing-boat sailboat1red sentosaleader silvershadow small-black-yacht
            trimaran_lowpoly wooden_blue_boat wooden_blue_fishing_boat""",
        "other": "Solar_Barge",
    },
    "Scenery/Models/Maritime/Military": {
        "ship": "Amphibious_assault_ship CG47 CG57 Carrier_A01 LCM6 LHA1 OliverPerryFFG PSC9",
    },
    "Scenery/Models/Maritime/Misc": {
        "ship": "Marine_Research_Vessel Narrowboat Narrowboat_Cargo",
        "other": "liferaft4m liferaft8m",
    },
    "Scenery/Models/Airport/Pushback": {
        "truck": """B-1200 Douglas Forklift Goldhofert Military Schopf_F110 TowBear_TT
            med2pushback-gen medpushback-gen pushback-ba tow-car-ba""",
    },
    "Scenery/Models/Aircraft": {
        "airplane": "KOFF_EC-135A Ulm_Red Ulm_White Ulm_Blue ARFF-trainer",
        "helicopter": """EC-135_ADAC-ba EC-135-Gendarmerie EC145-Securite_Civile HH-60-lowpoly
            Helicopter_EsquiloB2 Mi-6PS-lowpoly dauphin jetranger-ba lynx-patin lynx-roue
            mil-mi-8-lowpoly r44-black superfrelon""",
        "building": "LFTWsab LFTWtw",
        "other": "glider-trailer-red glider-trailer-open ASK-13_Trailer",
    },
    "Scenery/Models/Airport/Jetway": {
        "airplane": "Canadair",
    },
    "Scenery/Models/Airport": {
        "container": "cargobox-ba cargoip cpalette2",
        "other": "extinguisher fueltanktrailer",
    },
    "AI/Aircraft/balloon/Models": {
        "creature": "tuxalloon",
        "other": "appleoon balloon1t balloon2",
    },
    "AI/Aircraft/flash2a/Models": {
        "airplane": "flash2a",
    },
    "AI/Aircraft/bluebird/Models": {
        "other": "bluebird-ai",
    },
    "Models/Aircraft": {
        "helicopter": "H-60",
    },
    "Models/Geometry": {
        "tool": "Aim91x droptank_300_gal mk82 rocket",
        "helicopter": "tuxcopter",
        "ship": "saratoga",
        "building": "Tower1x Towerax",
        "structure": "platform",
    },
    "Models/Geometry/SanAntonio": {
        "ship": "LPD17",
    },
    "Models/Geometry/Nimitz": {
        "ship": "nimitz truman vinson",
    },
    "Models/Geometry/Nimitz/Models": {
        "truck": "mule-11 deck-crane",
        "structure": "phalanx sea-sparrow",
    },
    "Models/Geometry/Clemenceau": {
        "truck": "grue_pont tracteur",
    },
    "Models/Geometry/sailboat1": {
        "ship": "sailboat",
    },
    "Models/Geometry/Bomb-500lbs-MC": {
        "tool": "bomb-500lbs-mc",
    },
    "Models/Geometry/RP-3": {
        "tool": "RP-3 RP-3-25",
    },
    "Models/Maritime/Civilian": {},
    "Models/Maritime/Ice": {
        "rock": "iceberg1",
    },
    "Models/Maritime/Misc": {
        "structure": "OilRig",
    },
    "Scenery/Models/Misc": {
        "table": "picnic_table picnictablegreen1 table_long",
        "sofa": "parkbench1",
        "container": "6barrels",
        "cycle": "StuntBike QuadBike",
        "helicopter": "GEN_H-4 VicMar_1",
        "person": """airworker1 airworker2 airworker3 airworker4 airworkerearmuffs1 manjacket1
            manshirt1 manshirt2 mansuit1 pilot1 pilot2 pilot3 woman1 woman2 woman3 woman4
            worker1 worker2 Martin_Jetpack ThunderPack""",
        "other": "strandkorb White_Cone generic_balloon SunSet umbrella ppotty2",
    },
    "Scenery/Models/Fauna": {
        "quadruped": "cow cow-grazing elephant horse sheep",
        "bird": "Kestrel Seagull_Flying Swan",
        "fish": "dolphin",
    },
    "Scenery/Models/Sport": {
        "ship": "Optimist",
        "other": "tent_RC tent_climber tent_dome tent_large",
    },
    "Scenery/Models/StreetFurniture": {
        "lamp": """StreetLamp4 StreetLamp5 Streetlamp1 Streetlamp2 Streetlamp3 TNCB_DualLightPole
            lamp10m angled-light-pole""",
        "container": "Litter_Bin barrels bigtrashbox trash-container trashbin",
        "other": "ConeRedWhite EDDI-cone bollard_EPCD tirestack2 tirestack3 tirestack4 tirestack5",
    },
    "Scenery/Models/Agriculture": {
        "other": "hay_bale",
    },
    "Scenery/Models/Trees": {
        "plant": "cactus-01",
    },
    "Aircraft/Generic/Pilot/Fighter": {
        "person": "pilot",
    },
    "Aircraft/Generic/Pilot/WWI": {
        "person": "pilot",
    },
    "Aircraft/Generic/Pilot/General": {
        "person": "pilot",
    },
    "Aircraft/Generic/Pilot/Airliner": {
        "person": "pilot",
    },
    "Aircraft/Generic/Pilot/Fighter_2": {
        "person": "pilot",
    },
    "Aircraft/Generic/Pilot/WWII": {
        "person": "pilot",
    },
    "Scenery/Models/Industrial": {
        "rock": "sand_heap_large sand_heap_small",
    },
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
    HamburgExpress LargeFerry barge contaiship1 SailBoat_38feet fireboat-massport fishboat1
    sentosaleader silvershadow Carrier_A01 LCM6 LHA1 PSC9
    sailboat1red tuxcopter med2pushback-gen medpushback-gen BeltLoader belt_loader beltloader-gen
    airstairs-gen catrucklar-servair320cm catruckmed-gategourmet3m catruckmed-gategourmet45m
    catruckmed-servair190cm contain-ba fedextruck-ba
    lirq_pass1 stairs2-lirq stairs3-lirq stairs4-lirq loader uldloader-gen medpushbacksouthwest
    supertug tractor1-southwest tractor2-gen tractor3-gen tractor5-aero Norberttruck bulldozer
    consbrooms1 consdigger1 consforklift1 consgrader1 consroller1 forklift mxvtfedtr mxvtftrwhshort
    steamroller dc-metro-train VWPassat_S1
"""
_FACED_PLUS_X = """
    dragon-ba it_policecar1 vwgolfsilver bus-ba
    Airbus_A319-meridiana a332corsair-obj-ba a340-aircanada-ba a340-airfrance-ba a340-lufthansa-ba
    b737-airfrance-ba bae-ootas-tnt-ba rj70-eidew-airfr-ba static-a320-200-austrian-ba
    static-b737-800-airberlin-ba virus-sw
    Dhow_21ft Dhow_40ft Dhow_60ft HouseBoat7 HouseBoat8 T45_D36_moored EC-135_ADAC-ba
    Helicopter_EsquiloB2 tow-car-ba bus_bi-ba bus_bi_turn-ba parkbench1 airworker1
    airworker2 airworker3 airworker4 airworkerearmuffs1 manjacket1 manshirt1 manshirt2 mansuit1
    pilot1 pilot2 pilot3 woman1 woman2 woman3 woman4 worker1 worker2
"""
_FACED_PLUS_Y = """
    citerne-ba FireTruck_7.30m
    Cessna150-ba Cessna150_fr_reg Cessna150_no_reg Cessna172-ba Cessna172_blue Cessna172_fr_reg
    Cessna172_green Cessna172_red Cessna172_sky Cessna172_yellow DR221-ba DR400-ba DR400-blue
    DR400-dauphin DR400-green DR400-orange DR400-red DR400-yellow DR400_fr_reg HR200-ba KOFF_B-52
    KOFF_E4B MS880_rallye-ba MS880_rallye-blue MS893-br MS893-w R3000-ba TB20-ba dr221blue1
    Binnenschiff Optimist saratoga Amphibious_assault_ship trimaran_lowpoly EC-135-Gendarmerie
    EC145-Securite_Civile B-1200 Schopf_F110 TowBear_TT pushback-ba fire-truck-ba KOFF_EC-135A Swan
    cow cow-grazing
"""
YAW_FIXES: dict[str, float] = {
    **dict.fromkeys(_FACED_MINUS_X.split(), 90.0),
    **dict.fromkeys(_FACED_PLUS_X.split(), -90.0),
    **dict.fromkeys(_FACED_PLUS_Y.split(), 180.0),
    # tables whose long side ran away from the viewer, unlike all others
    "picnictablegreen1": 90.0,
    "table_long": 90.0,
}

# Extra groups of the file to leave out, by object name (a pattern on group names).
DROP_GROUPS: dict[str, str] = {
    "AI/Aircraft/vulcanb2/Models/vulcanb2": "chute",
    "Scenery/Models/Maritime/Civilian/CruiseShip": r"^Box01\.001$",  # its wake
    "Scenery/Models/Maritime/Military/CG47": "^rect$",
    "Models/Geometry/SanAntonio/LPD17": "^rect$",
    "Scenery/Models/Transport/ICE3firstcar": "^sphere$",  # the sky that its windows show
    "Scenery/Models/Misc/generic_balloon": r"^Tube\.001$",  # 500 m of rope
}

# Birds whose wings bear the name of a flash of light: nothing is left out of them.
WHOLE = ("Scenery/Models/Fauna/Kestrel", "Scenery/Models/Fauna/Seagull_Flying")

# The same body in other colours, poses or levels of detail: name -> name of the body.
_C, _T = "Scenery/Models/Maritime/Civilian", "Scenery/Models/Airport/Vehicle"
_P, _A = "Scenery/Models/Misc", "Scenery/Models/Aircraft"
IDENTITIES: dict[str, str] = {
    f"{_C}/Atlantic_21_Ashore": f"{_C}/Atlantic_21_afloat",
    f"{_C}/SailBoatUnderSail": f"{_C}/SailBoatUnderPower",
    f"{_C}/Dhow_40ft": f"{_C}/Dhow_21ft",
    "Scenery/Models/Maritime/Misc/Narrowboat_Cargo": "Scenery/Models/Maritime/Misc/Narrowboat",
    "Scenery/Models/Transport/bus_bi_turn-ba": "Scenery/Models/Transport/bus_bi-ba",
    f"{_T}/EDXW_Cateringtruck4000Level_blank": f"{_T}/EDXW_Cateringtruck0Level_blank",
    f"{_T}/Rosenbauer_FLF_Panther8x8SWB": f"{_T}/Rosenbauer_FLF_Panther8x8",
    f"{_T}/catruckmed-gategourmet45m": f"{_T}/catruckmed-gategourmet",
    f"{_T}/catruckmed-gategourmet3m": f"{_T}/catruckmed-gategourmet",
    f"{_T}/cart2full-southwest": f"{_T}/cart2-southwest",
    f"{_T}/stairs3-lirq": f"{_T}/stairs2-lirq",
    f"{_T}/stairs4-lirq": f"{_T}/lirq_pass1",
    f"{_A}/lynx-roue": f"{_A}/lynx-patin",
    **{f"{_P}/{name}": f"{_P}/airworker1" for name in ("airworker2", "airworker3", "airworker4")},
    f"{_P}/airworkerearmuffs1": f"{_P}/airworker1",
    f"{_P}/pilot3": f"{_P}/pilot1",
    f"{_P}/Molen_Grondzeiler": f"{_P}/Molen_Achtkante_Grondzeiler",
}
_LIVERY = re.compile(
    r"^(.*/(?:Airbus_A320_200|Boeing_757_200|Bombardier_CRJ700|Cessna150|Cessna172|DR400"
    r"|Embraer_175|a340|avro-rj70))[-_][^/]*$"
)

# Objects that the sheets show broken, or with stray parts that cannot be told apart.
BROKEN: frozenset[str] = frozenset(
    {
        "Scenery/Models/Aircraft/d112blue1",
        "Scenery/Models/Aircraft/D112-ba",
        "Scenery/Models/Aircraft/b737-airfrance-ba",  # its fin is a square with a cut-out picture
    }
)


def classify(name: str) -> str | None:
    """The class of a model by its path without `.ac`, None for one that is not used."""
    folder, _, stem = name.rpartition("/")
    if name in BROKEN:
        return None
    for table in (MODELS, SCENERY):
        for kind, stems in table.get(folder, {}).items():
            if stem in stems.split():
                return kind
    if name in AIRPLANES_ELSEWHERE:
        return "airplane"
    if not name.startswith(AIRPLANE_FOLDERS) or NOT_AIRPLANES.search(name):
        return None
    if name.startswith("Models/Geometry") and not GEOMETRY_AIRPLANES.search(name):
        return None
    return "airplane"


def yaw_fix(name: str) -> float:
    """Degrees about Z for an object: looked up by its whole name, then by its last part."""
    return YAW_FIXES.get(name, YAW_FIXES.get(name.rpartition("/")[2], 0.0))


def identity(name: str) -> str:
    """The name of the body that a model shows, by its path without `.ac`."""
    livery = _LIVERY.match(name)
    return IDENTITIES.get(name, livery[1] if livery else name)

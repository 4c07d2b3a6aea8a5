"""FlightGear: which model is used as which class, and what had to be corrected.

Made by looking at contact sheets of every candidate. Names are paths without `.ac`.
"""

from __future__ import annotations

import re

# Folder -> class -> file names without `.ac`.
MODELS: dict[str, dict[str, str]] = {
    "Scenery/Models/Transport": {
        "car": """VWJetta_S1 bmw3silver camaroblack dodgeramblue gr_policar1 hatchback_red honda1
            hondacrvred hummerh2-ba it_policecar1 mazda_wagontaxi pickupblue pickupred1
            pickupwhite tcamryred van_red vantransitwhite1 vanwhite vanwhite1 vanyellow1
            volvoxc90s1 voyager1 vwgolfsilver""",
        "truck": """110Bus CCS_catering_truck DPostTruck boxtruckusps bus-ba bus-muc bussmallwhite
            comtruckwhite1 consdumptruck1 gr_paramedic1 minibusblue1 motorhome tourbus1 truck
            yard-tractor mxvtftrboxfedtruck""",
    },
    "Scenery/Models/Airport/Vehicle": {
        "car": """BFD_Sprinter_308 EDDI-FollowMe ELW_Sprinter_215 airvehpickupgreen1 gr_van-followme
            rover-aegean traffic-ba van-aegean""",
        "truck": """94-f600-fuel-yellow-hi Cobus_2700s Cobus_3000 FireTruck_7.30m Fuel_Truck
            RTW_Sprinter_515 RW_GWG_MAN Rosenbauer_FLF_Panther8x8 Rosenbauer_FLF_VFAEG
            Rosenbauer_TLF_5500 airvehcatgourmet1 anac-fire boxvan-white catruckmed-gategourmet
            citerne-ba cobus2700-gen crashtender dicingtruck dragon-ba fire-truck-muc
            fire-truck-muc-2 firetruck-K-SANR firetruck-K fourgon-ba fueltruck1 groundforce_bus
            hoskosh-ti-1500 larfueltruck-bp larfueltruck-servisair lirq_cobus3000
            medfueltruck-bp medfueltruck-asig medtruck-servair smfueltruck-gen sweeper-lirq
            tractor4-blue tractor4-olympic""",
    },
    "Scenery/Models/Military": {
        "car": """humvee-pickup-odrab-low-poly""",
        "truck": """coleman-tow-tractor-odrab-low-poly fuel-truck-lowpoly fuel-truck-medpoly""",
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
"""
_FACED_PLUS_X = """
    dragon-ba it_policecar1 vwgolfsilver bus-ba
    Airbus_A319-meridiana a332corsair-obj-ba a340-aircanada-ba a340-airfrance-ba a340-lufthansa-ba
    b737-airfrance-ba bae-ootas-tnt-ba rj70-eidew-airfr-ba static-a320-200-austrian-ba
    static-b737-800-airberlin-ba virus-sw
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


def classify(name: str) -> str | None:
    """The class of a model by its path without `.ac`, None for one that is not used."""
    folder, _, stem = name.rpartition("/")
    if name in BROKEN:
        return None
    for kind, stems in MODELS.get(folder, {}).items():
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

"""FlightGear's scenery: which building or structure is used, beside `flightgear_tables`.

Of several hundred buildings the most different kinds; scenes of many houses are left out.
"""

from __future__ import annotations

# Folder -> class -> file names without `.ac`.
SCENERY: dict[str, dict[str, str]] = {
    "Scenery/Models/Maritime/Civilian": {
        "structure": "AltenbrucherOberfeuer Lighthouse Shipyard-Crane",
    },
    "Scenery/Models/Maritime/Misc": {
        "structure": """Buoy-Cardinal-East Buoy-Conical-Green Buoy-Cylindrical-Red
            Buoy-IsolatedDanger Buoy-Safe-Water DB_125_Data_Buoy GreenBuoy Mobilis_Data_Buoy1
            Mobilis_Data_Buoy2 NOAA_Tsunami_Buoy ODAS_23_Buoy OSIL_DATA_BUOY SAIC_DART_ETD
            SAIC_FERHRI_Tsunami_Buoy Spierentonne01Red Spitztonne01Green FeuSaintPol PhTouquet
            PhVieille PhareCalais PhareContis PhareCreach PhareRisban Phare_If Port-CT
            Saint_Mathieu_Signal_Tower phare generic-lighthouse left_bank_beacon
            right_bank_beacon amarre craneblue odense_staalskibsvaerfts_kran Footbridge-5dg""",
    },
    "Scenery/Models/Transport": {
        "building": "gareArras",
        "structure": "TunnelPortal",
    },
    "Scenery/Models/Airport/Vehicle": {
        "structure": "elevator-ba passerelle-ba",
    },
    "Scenery/Models/Misc": {
        "building": """ChateauBoulogne Church_generic_twintower_oniondome GenChurch_rd MairieArras
            NDBoulogne StVaast SteAnneDij big-church breton-church castle60x60m church36m_blue
            corp_cathedrale-ba eglise-ba generic_castle generic_castle2 generic_cathedral
            generic_church_01 generic_church_02 gothical_church kirkko roman_church ermite
            ermitw plaza_toros_gen beach_bar colombier dovecot Drachenfels_VisitorCenter torni""",
        "structure": """Astropeiler Croix Daikanransha_Wheel Molen_Achtkante_Grondzeiler
            Molen_Grondzeiler Steiger_Wheel Tira arch-bridge-span feltenturm generic_monument_01
            trigpoint weytower swing Pont_2-ba shelters-barrel Drachenfels_TheRock""",
    },
    "Scenery/Models/Military": {
        "building": """AmmoBunker BP_side_building EDLV_H_Barracks EGYP-A01-V EGYP-A01R EGYP-A02R-V
            EGYP-A16-04 EGYP-A16-07 EGYP-A16-08 EGYP-B-01 EGYP-BA11 EGYP-BA16 EGYP-BA17
            EGYP-TWR1 EGYP-TWR2 EGYP-TWR7 EGYP-TWR9 Hangar_EPNM KOFF_Hanger KOFF_Hanger306307
            RAFBarrackBlock_PitchedRoof RAFETypeShed RAFGuardroom RAFJuniorRanksMess
            RAFMainStores RAFNissenHut RAFOfficersMarriedQuarters RAFOfficersMess RAFTower
            SPAF_Hangar SPAF_Tower TAB-VEE-B_Shelter ctype gaydon_hangar h-shaped-appt-building
            old-shelter-sand tower_EPNM EHVK_shelter""",
        "structure": """EGYP-BA8 EGYP-D-B Martello_Tower_1 Martello_Tower_2 LightingGantry
            Radar_Avia SA-2_Van nike_hercules_launcher radar-mil-1 radar-shelter-mil
            tower-usaf-40m usaf-water-tower-39m military-grey-hangar-1place
            concrete_army_shelter shelter maunsell-fort hard-top1-sand hard-top-fuel-trucks""",
    },
    "Scenery/Models/Sport": {
        "building": "GenericStadium kcgs-covered-tennis-courts",
        "structure": """FerrisWheel FerrisWheel2 Helta_Skelta MerryGoRound RedbullBluePylon
            SuperBooster RollerCoaster""",
    },
    "Scenery/Models/StreetFurniture": {
        "structure": """Bus_Shelter Phone-booth Pillar_Box Red_Phone_Box Stop-Sign bus_stop hydrant
            highway_rest_area lesRosiers pont_autoroute pont_pierres saumur saumurNord
            metal-barrier""",
    },
    "Scenery/Models/Communications": {
        "building": "Posttower communication-building1 Sender_Geb_Valzeina",
        "structure": """Antenna1 Antenna2 Antenna3 DVB-T-Sendeturm_Leipzig Fernmeldeturm_Leipzig
            Fernsehturm-Stade GBO_25M GBO_100M Interferometer_Radio_Telescope
            Kat_7_Radio_Telescope SETI_Radio_Telescope
            Telekom_Turm_Kiel_Muenster_Cuxhaven_Bremen VOR-DME_3 base_clape_01 base_clape_02
            base_clape_03 fernmeldeturm_gruenwettersbach fernmeldeturm_waldenbuch
            fremersbergturm generic_tv_tower_250m radome sendeturm_hornisgrinde Sender_Valzeina
            vhf_direction_finder vodafone_funkturm vordme_1 vordme_2 vordme_4""",
    },
    "Scenery/Models/Industrial": {
        "building": """Industrial10x20 Industrial50x75 Lycee_pilote PAJN_fact1 Quartz
            Schenker_storehouse66x30 Schweinemast_Stall Storage_30x12 Usine_150_50 factory2
            factory_b_060x060 egdpA industrial_b_060x120 logistic scotch-distillery""",
        "structure": """65m ChateauEau ContainerCrane Crane-100m Gas12m Gasometer
            GenericPressureVessel20m GenericStorageTank20m GenericStorageTank40m
            GenericStorageTank100m Italian_water_tower KOFF_Tank_10M KOFF_Tank_30M
            Schweinemast_Tank TPS_Drujba2_chimney Water-Tower-35m Water-Tower-50m
            Water-Tower-62m WaterTower_DDmoritzweg WaterWorks10m WaterWorks25m
            container-crane-PAS edcf-water-tower-01 eldorado-water-tower-01 generic_chimney_02
            generic_silo_1 iruej_chimney kw_altbach_chimney250 oilrig oilrig09 oilrig10 petrol1
            rw_generic_chimney trafo1 wasserturm_kornwestheim wasserturm_moeglingen water-tower
            water_tower_2 watertower""",
    },
    "Scenery/Models/Power": {
        "building": "pompe1 reacteurPal transformer",
        "structure": """TankFO28x8m Transmission_25m_Wood_H Transmission_30m_Steel_Single
            Vestas_Base Vestas_Off_Shore140M V126-200m cell_condenser_1x12 cell_condenser_2x4
            coolingtower generic_pylon_50m kw_altbach_cooling1 kw_altbach_cooling2 pschimney
            reacteur sawh-0 small-electric-transformer transformer_station twobladeturbine
            vestas-v80 windturbine windturbine_LAG18_24m windturbine_WES18_18m
            windturbine_e82_98m wooden_pole_14m wtD90T105m""",
    },
    "Scenery/Models/Agriculture": {
        "building": "PolyTunnel7.5x32 farmhouse1 farmhouse2 farmhouse3",
        "structure": """1silo_20m 1silo_8m 2silo_16m 2silo_8m 3silo_12m 3silo_20m 4silo_8m 4silo_20m
            silot_rieucros_final""",
    },
    "Scenery/Models/Residential": {
        "building": """Bat_rouge_et_blanc French_House GenericOmahaHouse HelgoVan HighriseGrey
            Maison_10x9m_RDC Manchester_BeethamTower MontHse1Grey_Green MontserratHse3White
            ResidentialTower_DDklotzsche SDBungalow1 SDHouse1 Salford_BriarHillCourt
            Static_Caravan_1 Terrace3_1 Terrace8_1 Tour-Emeraude VQPR_H1COR VQPR_H1LONG
            VQPR_H2DOP admin canary_house1 city_square_module2 city_triangle_module
            conradi_hochhaus_stgt eurobuilding1 european_barn european_school flogsta_uppsala
            french_house_c french_house_n french_house_s french_house_w
            generic-traditional-asian-house-medium generic-traditional-asian-house-small
            germansemidetached1 germanvillagehouse1 hochhaus_asemwald hr40x10 immeuble1
            immeuble2 lasnamae_korghoone lflg-habitation-planeurs maison_michel maldivianhouse
            samoa1 smallhouse_sweden tower-hexa transf4""",
    },
    "Scenery/Models/Commercial": {
        "building": """4com_eghh Brasilia-generic Chartreuse1 Cinema90x54 Helgo_Toilets Office30x22
            Office30x47 Office47x52 PizzaHut22x20 PortlandCA Retail100x55 SGC_office
            Stockport_coopBank Tuyaux bank-building clarencetower generic_building_135x65x35m
            generic_skyscraper_08 hotel-generic-01 small-glass-office-building
            small-modern-office store1 tecalemit-h tecalemit tower-glass-dark-blue
            tower-h-striped tower-square-dark""",
        "structure": "Petrolstation1 Petrolstation2 BusDepot eolic_roof_fan",
    },
    "Scenery/Objects/w030n60/w024n66": {
        "structure": "Osholar_Lighthouse Arnarnes_Lighthouse",
    },
    "Scenery/Objects/w030n60/w023n63": {
        "building": """BIKF_Terminal_B0 BIKF_Terminal_B1 BIKF_Terminal_B5 BIKF_Terminal_B7
            BIKF_Terminal_B8 egkk_tower LKPR_SA_HANGAR_E""",
        "structure": "WaterTower Hopsnes_Lighthouse",
    },
    "Scenery/Objects/w030n60/w022n66": {
        "structure": "Vatnsnes_Lighthouse",
    },
    "Scenery/Objects/w030n60/w022n65": {
        "structure": "Gjogur_Lighthouse",
    },
    "Scenery/Objects/w030n60/w023n65": {
        "structure": "Klofningsviti_Lighthouse",
    },
    "Scenery/Objects/w030n60/w025n65": {
        "structure": "Bjargtangar_Lighthouse",
    },
    "Scenery/Objects/w030n60/w024n64": {
        "structure": "Arnarstapi_Lighthouse Krossnesviti",
    },
    "Scenery/Objects/w030n60/w023n64": {
        "structure": "Holmsberg_Lighthouse Akranesviti_Lighthouse_Old Akranesviti_Lighthouse_New",
    },
    "Scenery/Objects/w030n60/w025n64": {
        "structure": "Malarrifsviti_Lighthouse Svortuloftarviti_Lighthouse",
    },
    "Scenery/Objects/w030n60/w022n64": {
        "building": "BIMSSmallNEHangar BIRKControlTower BISScircularhangar Hallgrimskirkja",
        "structure": "Engey_Lighthouse Hvaleyri_Lighthouse",
    },
    "Scenery/Objects/w030n60/w022n63": {
        "structure": "Ondveroarnes_Lighthouse Selvogur_Lighthouse",
    },
    "Scenery/Objects/w030n60/w024n65": {
        "structure": "Taska_Light Hoskuldseyjarviti_Lighthouse Ellidaeyjarviti_Lighthouse",
    },
    "Scenery/Objects/w160n10/w156n19": {
        "structure": "KSJC_tower",
    },
    "Scenery/Objects/w160n20/w160n21": {
        "building": """klsv-big-hangar-helos-red MDPC_new_tower VQPR_BUIL2 SBPS_Terminal
            SBPS_Building""",
    },
    "Scenery/Objects/w160n20/w158n21": {
        "ship": "T45_D36_moored",
        "building": "LKPR_NA_PARKINGC Hawaii_StCap RishworthStreetCarpark EDFQCLUBHEIMARRANGEMENT",
        "structure": "SyracuseTower",
    },
    "Models/Buildings": {
        "building": "big-apartment factory shop",
        "structure": "oil-tanks",
    },
    "Models/Agriculture": {
        "building": "cow-stable foursquare large-shed red-barn red-barn2 red-smal-shed wood-barn",
        "structure": "silo",
    },
    "Models/Power": {
        "structure": "coolingtower",
    },
    "Scenery/Models/Airport/Jetway": {
        "building": "LFLCaff LFMDhgcanadair LFTWm4 LFTWtwA NantesC1",
        "structure": """EBBR_Stand_231_Jetway EDDM_jetway EHAM_gate EHAM_gate_2 generic jetway-10-ba
            jetway-20-ba jetway-30l-ba jetway-ba jetway20m-red""",
    },
    "Scenery/Models/Airport": {
        "building": """32x37beigehangar_kdsm Admin Bastia BatFalcon BordeauxD1 Club_House
            EBLG_honywell_airport EBLG_terminal_airport EDWB_DSAirServAdmin EDWB_DSAirServHangar
            EDWB_MSCHangar EDXW_GenAviationHangar EGHH_apron_warehouse1 EGHH_fire_station
            EGHH_tower ELLX_Hngr36x30 Eshott_hangar_1 FGRefuel02 Fire_Hangar Garaz-block
            Hangar-kotlownia HangarCyl1 Hangar_18_14 Hangar_20x18m_Rond Hangar_2hauteurs
            Hangar_30_30_rond Hangar_30x20m Hangar_70x15 Hangar_EPSW Hangar_large1
            Hangar_puivert2 Hangars_45x18m KIMTBldgA LFBI_Aeroclub LFBI_Rotonde LFBI_Tower
            LFCA-Tower-LR LFFE1 LFLCtw LFLPbat LFLStw LFMLembs LFMN_facilitybuiling LFTWm8
            LIME_hangarsemicircular LQSA_Hangar3 LQSA_weird_Hangar LSGS_GrassHangar Margny
            Meythet MultiFlightLeeds NantesP OEJN_apron_staff_moduleB RJTF-hangar-aerotec
            RJTF-hangar-ibex SmHangar Soissons TW_EPLB TW_EPSW Terminal-ru1 TourChalles
            Tower-small aeroLFQQ ahm27 airdock ats1 bahm11 bahm9 building-office depot_carburant
            fbo fboModern1 hangMelun hangar-epst hangar-small hangar2 hangar_aeroklub
            hangar_barn hangar_helgi hangar_old hangcyl30x18 hanger-t-single-blue-01
            kakrterminal kdp_start kmtn-modular-hangar office112x50 office_okl
            semicircular_25x25m tower-EPST tower-hangar_EPSJ tower-ru1 tower_aeroklub""",
        "structure": """AFT Avgas_Pump Caisse_100LL ContrLFAB EDDP_DHL_Tank EGCB-barton_small-tower
            EGCC-manInt_60m-tower EHAM_olietank_a EIDW_Radar2 EPLB_DVOR1 FuelTank_7x3m
            GenericFuelStore1 GenericFuelStore3 HorizTanks2 ModuleSon Pompe_100LL RGL
            SimpleFuelPump TransmissometerRVRquad aircraft_stairs stairs2 appliance_room
            atc-tower-100m bird_scarer cahute ilssta1 egkk_oil fuel_EPCD marker ndb petrol_store
            radar radar_meteo meteoradar safety_traffic_beacon sign_Unbefugte silo_tank_10m
            tacan tourBastia tourMelun tower tower_small_airfield Tour_Controle
            water-tower-150-red-white weatherradar_h24_d11 windsock LPMA_parking_stand
            lfga-refuel saez-tca-acc02 EDDI-Taxilamp LGRP_blast3 switch_control_cabinet
            LOWI_ILS_glideslope2 EDDS_Jet_A-1_Tanks""",
    },
}

"""Which of Infinigen's factories are used, as which class, and which way their shapes face.

Left out because a shape takes minutes: potted plants, balloons (cloth simulation), birds,
herbivores and fish. Beds fail.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Factory:
    """A factory of Infinigen.

    module: below `infinigen.assets.objects`. kind: a key of `classes.CLASSES`. label: for people.
    yaw: degrees about Z, counter-clockwise from above, that turn its front to -Y. count: shapes.
    metres: length of the factory's unit; a few were modelled in decimetres. revision: of its
    shapes: one more makes them all anew. Those of revision 2 lost parts before, when all parts of a
    shape were decimated at once; six or more of every other factory kept their extents to 1.2 %.
    """

    module: str
    name: str
    kind: str
    label: str
    yaw: float = 0.0
    count: int = 60
    metres: float = 1.0
    revision: int = 1

    @property
    def path(self) -> str:
        """As the runner takes it."""
        return f"{self.module}:{self.name}"


# Seats, shelves, screens and appliances of Infinigen face +X.
FACTORIES: tuple[Factory, ...] = (
    Factory("seating.chairs.office_chair", "OfficeChairFactory", "chair", "office chair", -90),
    Factory("seating.chairs.bar_chair", "BarChairFactory", "chair", "bar chair", -90),
    Factory("seating.chairs.chair", "ChairFactory", "chair", "dining chair", -90, revision=2),
    Factory("seating.sofa", "ArmChairFactory", "sofa", "armchair", -90, revision=2),
    Factory("seating.sofa", "SofaFactory", "sofa", "sofa", -90, revision=2),
    Factory("tables.dining_table", "TableDiningFactory", "table", "dining table", revision=2),
    Factory("tables.dining_table", "CoffeeTableFactory", "table", "coffee table"),
    Factory("tables.dining_table", "SideTableFactory", "table", "side table"),
    Factory("tables.cocktail_table", "TableCocktailFactory", "table", "cocktail table", revision=2),
    Factory("shelves.simple_desk", "SimpleDeskFactory", "table", "desk", -90),
    Factory("shelves.simple_bookcase", "SimpleBookcaseFactory", "cabinet", "bookcase", -90, 40),
    Factory("shelves.cell_shelf", "CellShelfFactory", "cabinet", "cell shelf", -90, 40),
    Factory("shelves.cell_shelf", "TVStandFactory", "cabinet", "TV stand", -90, 40),
    Factory("shelves.large_shelf", "LargeShelfFactory", "cabinet", "large shelf", -90, 40),
    Factory("shelves.triangle_shelf", "TriangleShelfFactory", "cabinet", "corner shelf", -135, 30),
    Factory(
        "shelves.single_cabinet", "SingleCabinetFactory", "cabinet", "cabinet", -90, revision=2
    ),
    Factory("lamp.lamp", "DeskLampFactory", "lamp", "desk lamp", revision=2),
    Factory("lamp.lamp", "FloorLampFactory", "lamp", "floor lamp", revision=2),
    Factory("lamp.ceiling_classic_lamp", "CeilingClassicLampFactory", "lamp", "ceiling lamp"),
    Factory("appliances.tv", "TVFactory", "screen", "television", -90),
    Factory("appliances.tv", "MonitorFactory", "screen", "monitor", -90),
    Factory("table_decorations.vase", "VaseFactory", "vase", "vase"),
    Factory("tableware.bottle", "BottleFactory", "bottle", "bottle"),
    Factory("tableware.cup", "CupFactory", "cup", "cup", revision=2),
    Factory("tableware.wineglass", "WineglassFactory", "cup", "wine glass"),
    Factory("tableware.pot", "PotFactory", "pan", "pot"),
    Factory("tableware.pan", "PanFactory", "pan", "pan"),
    Factory("tableware.bowl", "BowlFactory", "bowl", "bowl", count=40),
    Factory("tableware.jar", "JarFactory", "vase", "jar", count=40),
    Factory("tableware.can", "CanFactory", "container", "can", count=30),
    Factory("bathroom.toilet", "ToiletFactory", "toilet", "toilet", -90),
    Factory("bathroom.bathtub", "BathtubFactory", "bathtub", "bathtub", -90),
    Factory("bathroom.bathroom_sink", "StandingSinkFactory", "sink", "wash basin", -90),
    Factory("appliances.oven", "OvenFactory", "appliance", "oven", -90, 40),
    Factory(
        "appliances.microwave",
        "MicrowaveFactory",
        "appliance",
        "microwave oven",
        -90,
        40,
        revision=2,
    ),
    Factory("appliances.dishwasher", "DishwasherFactory", "appliance", "dishwasher", -90, 40),
    Factory("appliances.beverage_fridge", "BeverageFridgeFactory", "appliance", "fridge", -90, 40),
    Factory("appliances.toaster", "ToasterFactory", "appliance", "toaster", -90, 30, 0.1),
    Factory("table_decorations.book", "BookStackFactory", "container", "stack of books", count=30),
    Factory("fruits.apple", "FruitFactoryApple", "plant", "apple", count=12),
    Factory("fruits.pineapple", "FruitFactoryPineapple", "plant", "pineapple", count=12),
    Factory("fruits.strawberry", "FruitFactoryStrawberry", "plant", "strawberry", count=12),
    Factory("fruits.starfruit", "FruitFactoryStarfruit", "plant", "star fruit", count=12),
    Factory("tableware.plate", "PlateFactory", "bowl", "plate", count=20, revision=2),
    Factory("tableware.spoon", "SpoonFactory", "tool", "spoon", count=20),
    Factory("tableware.fork", "ForkFactory", "tool", "fork", count=20),
    Factory("tableware.knife", "KnifeFactory", "tool", "knife", count=20),
    Factory("seating.mattress", "MattressFactory", "bed", "mattress", count=20),
)

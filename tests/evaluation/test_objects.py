"""Which objects are judged: held out, of all classes, the same in every run."""

from collections import Counter

from bozzetto.evaluation.objects import choose_objects


def index_of(counts, generated=0):
    objects = []
    for kind, count in counts.items():
        for number in range(count):
            name = f"{kind}{number}"
            objects.append(item(name, kind, len(objects)))
            objects.append({**item(name + "#0", kind, 0), "variant_of": name})
            objects.append({**item(name + "t", kind, 0), "split": "train"})
    for number in range(generated):
        made = {**item(f"made{number}", "chair", 10_000 + number), "generated": True}
        objects.append(made)
    return {"objects": objects}


def item(name, kind, group):
    return {
        "id": f"p/{name}",
        "package": "p",
        "name": name,
        "class": kind,
        "group": group,
        "split": "test",
        "variant_of": None,
    }


def test_only_held_out_originals_are_judged_and_classes_take_turns():
    chosen = choose_objects(index_of({"chair": 50, "car": 20, "lamp": 3}), "test", 23)
    assert Counter(found.kind for found in chosen) == {"chair": 10, "car": 10, "lamp": 3}
    assert not any("#" in found.name or found.name.endswith("t") for found in chosen)


def test_the_choice_does_not_depend_on_the_order_and_grows_with_the_limit():
    index = index_of({"chair": 30, "car": 30})
    few = choose_objects(index, "test", 10)
    turned = {"objects": index["objects"][::-1]}
    assert [f.id for f in few] == [f.id for f in choose_objects(turned, "test", 10)]
    assert {f.id for f in few} <= {f.id for f in choose_objects(index, "test", 40)}


def test_at_most_two_hundred_and_generated_ones_a_quarter():
    chosen = choose_objects(index_of({"chair": 300}, generated=300), "test", 1000)
    assert len(chosen) == 200
    assert sum(found.generated for found in chosen) == 50


def test_a_second_object_of_one_body_waits():
    objects = [item(f"c{i}", "chair", i // 5) for i in range(20)]
    chosen = choose_objects({"objects": objects}, "test", 4)
    assert sorted(found.group for found in chosen) == [0, 1, 2, 3]

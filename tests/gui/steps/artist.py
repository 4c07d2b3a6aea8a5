"""What an artist does in the window, for the steps in this folder."""

import sys

import bpy

PACKAGE = "bl_ext.user_default.bozzetto"
GENERATE = "bpy.ops.bozzetto.generate("
CANCEL = "bpy.ops.bozzetto.cancel("


def part(name):
    """A module of the installed extension."""
    return sys.modules[f"{PACKAGE}.{name}"]


def prepare(ui, **settings):
    """Open the panel with the picture and settings in it; the default cube makes room."""
    bpy.data.objects["Cube"].location = (-3.0, 3.0, 0.0)  # it would hide the result
    group = bpy.context.scene.bozzetto
    group.image = bpy.data.images.load(ui.parameters["picture"])
    group.checkpoint = ui.parameters.get("checkpoint", "")
    for name, value in settings.items():
        setattr(group, name, value)
    bpy.ops.ed.undo_push(message="Choose a picture")  # as every click in the panel does
    yield from ui.open_sidebar("Bozzetto")


def is_busy():
    """Whether a job runs, waits, or has a result that is not inserted."""
    jobs = part("operators.jobs")
    return bool(jobs.requests or jobs.finished)


def current_job():
    """The running job, or None."""
    requests = part("operators.jobs").requests
    return requests[0].job if requests else None


def read_progress():
    """Phase and fraction of the running job; None without one."""
    job = current_job()
    return [job.phase, round(job.fraction, 3)] if job else None


def worker_pid():
    """Process id of the worker, or None."""
    queue = part("scene.runtime").find_queue()
    return queue.pid if queue else None


def wait_until_inside(ui, phase="encode"):
    """Wait until the worker has come to a phase of the job."""
    order = ("load", "cut", "encode", "extract", "finish")
    wanted = order[order.index(phase) :]
    return (yield from ui.wait(lambda: current_job() is None or current_job().phase in wanted, 120))


def describe_scene():
    """Everything that a job could leave in the file, by name."""
    return {
        "objects": sorted(item.name for item in bpy.data.objects),
        "meshes": sorted(item.name for item in bpy.data.meshes),
        "materials": sorted(item.name for item in bpy.data.materials),
        "images": sorted(item.name for item in bpy.data.images),
        "collections": sorted(item.name for item in bpy.data.collections),
        "selected": sorted(item.name for item in bpy.context.selected_objects),
        "picture": getattr(bpy.context.scene.bozzetto.image, "name", None),
    }


def describe_object(item):
    """What an artist sees of an object."""
    corners = [item.matrix_world @ vertex.co for vertex in item.data.vertices]
    return {
        "name": item.name,
        "faces": len(item.data.polygons),
        "low": [min(corner[axis] for corner in corners) for axis in range(3)],
        "high": [max(corner[axis] for corner in corners) for axis in range(3)],
        "collections": [collection.name for collection in item.users_collection],
        "selected": item.select_get(),
        "active": bpy.context.view_layer.objects.active == item,
        "mode": item.mode,
    }


def new_objects(before):
    """Mesh objects that were not there before."""
    known = set(before["objects"])
    return [item for item in bpy.data.objects if item.type == "MESH" and item.name not in known]

"""Paints and thickens a bare body so that it looks dressed.

Clothes are the skin itself, smoothed and moved outward by region in the rest pose, plus the closed
shapes of `accessories` that no skin can give. They deform with the bones.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from .accessories import make_accessories
from .outfits import REGIONS, Body, Dressed, Outfit, Part
from .skeleton import Skeleton


def dress(body: Body, outfit: Outfit) -> Dressed:
    """The body with the outfit on."""
    scale = float(np.ptp(body.vertices[:, 2])) / 1.7
    regions = vertex_regions(body, outfit)
    smooth = _averaging(body.faces, len(body.vertices))
    thickness = _thickness(body, outfit, regions) * scale
    vertices = body.vertices.copy()
    for region, rounds in (("shirt", 12), ("trousers", 10), ("shoes", 25), ("hair", 8)):
        inside = regions == REGIONS.index(region)
        for _ in range(rounds):
            vertices[inside] = (smooth @ vertices)[inside]
    # Smoothing shrinks; what clothes hide must not come through them.
    normals = _vertex_normals(vertices, body.faces)
    sunk = np.einsum("vi,vi->v", body.vertices - vertices, normals)
    for _ in range(3):
        sunk = np.maximum(sunk, smooth @ sunk)
        thickness = smooth @ thickness
    vertices = vertices + normals * (np.clip(sunk, 0, 0.03 * scale) + thickness)[:, None]
    face_regions = _face_regions(body, regions)
    parts = [(vertices, body.faces, body.weights, body.weight_bones, face_regions)]
    parts += make_accessories(body, vertices, outfit, scale)
    return _join(body.skeleton, parts)


def limb_parameter(body: Body, joints: tuple[str, str, str]) -> np.ndarray:
    """float64 [V]: how far along a limb's two bones every vertex is, 0 to 2 and beyond."""
    start, middle, end = (body.skeleton.head(joint) for joint in joints)
    first = (body.vertices - start) @ (middle - start) / np.sum((middle - start) ** 2)
    second = (body.vertices - middle) @ (end - middle) / np.sum((end - middle) ** 2)
    return np.where(second > 0, 1 + second, np.minimum(first, 1.0))


def vertex_regions(body: Body, outfit: Outfit) -> np.ndarray:
    """int [V]: the region of every vertex, by the bones that hold it."""
    bones = np.array(body.skeleton.bones)
    main = bones[body.weight_bones[np.arange(len(body.weights)), body.weights.argmax(axis=1)]]
    stem = np.array([name.split(".")[0].rstrip("0123456789-") for name in main])
    numbers = {name: i for i, name in enumerate(REGIONS)}
    regions = np.full(len(main), numbers["skin"])
    regions[np.isin(stem, ["spine", "clavicle", "shoulder", "breast"])] = numbers["shirt"]
    hips = np.isin(main, ["spine05", "root"]) | (stem == "pelvis")
    regions[hips] = numbers["trousers"]
    for side in "LR":
        mine = np.char.endswith(main.astype(str), f".{side}")
        arm = limb_parameter(body, (f"upperarm01.{side}", f"lowerarm01.{side}", f"wrist.{side}"))
        on_arm = mine & np.isin(stem, ["upperarm", "lowerarm"])
        regions[on_arm & (arm <= outfit.sleeve)] = numbers["shirt"]
        leg = limb_parameter(body, (f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}"))
        on_leg = mine & np.isin(stem, ["upperleg", "lowerleg"])
        regions[on_leg & (leg <= outfit.trouser)] = numbers["trousers"]
        foot = mine & (np.isin(stem, ["foot", "toe"]) | (on_leg & (leg > 1.93)))
        regions[foot] = numbers["shoes"]
    head = np.isin(stem, ["head"]) | (stem == "neck")
    regions[head & _scalp(body)] = numbers["hair"] if outfit.hair else numbers["skin"]
    regions[stem == "eye"] = numbers["eyes"]
    return regions


def _scalp(body: Body) -> np.ndarray:
    """bool [V]: where hair grows, from the head bone's place and the size of the skull."""
    origin = body.skeleton.head("head")
    top = body.vertices[:, 2].max()
    height = top - origin[2]
    _, y, z = (body.vertices - origin).T / height
    skull = y[z > 0.4]
    back, front = skull.max(), skull.min()
    depth = (y - front) / (back - front)
    # Hairline: high above the face, down behind the ears to the nape.
    line = np.interp(
        depth, [0.0, 0.12, 0.42, 0.55, 0.62, 1.0], [0.86, 0.80, 0.62, 0.42, 0.12, 0.02]
    )
    return z > line


def _thickness(body: Body, outfit: Outfit, regions: np.ndarray) -> np.ndarray:
    amounts = {
        "shirt": outfit.shirt,
        "trousers": outfit.trousers,
        "shoes": outfit.shoes,
        "hair": outfit.hair,
    }
    result = np.zeros(len(regions))
    for name, amount in amounts.items():
        result[regions == REGIONS.index(name)] = amount
    for side in "LR":
        leg = limb_parameter(body, (f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}"))
        nearer = (body.vertices[:, 0] > 0) == (side == "L")
        cloth = (regions == REGIONS.index("trousers")) & nearer
        result[cloth] += outfit.flare * np.clip(leg[cloth] / 2, 0, 1)
    return result


def _face_regions(body: Body, regions: np.ndarray) -> np.ndarray:
    corners = np.sort(regions[body.faces], axis=1)
    return np.where(corners[:, 0] == corners[:, 1], corners[:, 0], corners[:, 1])


def _averaging(faces: np.ndarray, count: int) -> csr_matrix:
    """Sparse [V, V] that replaces a value by the mean of its neighbours' and its own."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    rows = np.concatenate([edges[:, 0], edges[:, 1], np.arange(count)])
    columns = np.concatenate([edges[:, 1], edges[:, 0], np.arange(count)])
    matrix = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count)).tocsr()
    matrix.data[:] = 1.0
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    return matrix.multiply(1 / degree[:, None]).tocsr()


def _vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    triangles = vertices[faces]
    cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], cross)
    return normals / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)[:, None]


def _join(skeleton: Skeleton, parts: list[Part]) -> Dressed:
    width = max(part[2].shape[1] for part in parts)
    offset = 0
    columns: tuple[list[np.ndarray], ...] = ([], [], [], [], [])
    for vertices, faces, weights, bones, regions in parts:
        padding = ((0, 0), (0, width - weights.shape[1]))
        columns[0].append(vertices)
        columns[1].append(faces + offset)
        columns[2].append(np.pad(weights, padding))
        columns[3].append(np.pad(bones, padding))
        columns[4].append(regions)
        offset += len(vertices)
    vertices, faces, weights, bones, regions = (np.concatenate(column) for column in columns)
    return Dressed(Body(skeleton, vertices, faces, weights, bones), regions)

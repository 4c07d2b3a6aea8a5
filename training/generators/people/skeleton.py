"""Poses a skinned body: linear blend skinning from where its limbs should point.

A pose says where limbs point rather than how joints turn, so one table fits every body, whatever
its rest pose. Frame: Z up, the body faces -Y, its left is +X.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

# Below this sine of the angle between two bones of a limb, their plane is not defined.
_MIN_BEND = 0.3
_SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
_NECK = ("neck01", "neck02", "neck03", "head")


@dataclass(frozen=True)
class Skeleton:
    """bones: names as MakeHuman's; parents: int [B], -1 for the root, parents first.

    heads: float64 [B, 3], where every bone begins in the rest pose.
    """

    bones: tuple[str, ...]
    parents: np.ndarray
    heads: np.ndarray

    def head(self, bone: str) -> np.ndarray:
        """float64 [3]: where `bone` begins in the rest pose."""
        return self.heads[self.bones.index(bone)]

    def direction(self, start: str, end: str) -> np.ndarray:
        """Unit vector float64 [3] from one bone's beginning to another's, in the rest pose."""
        difference = self.head(end) - self.head(start)
        return difference / np.linalg.norm(difference)


@dataclass(frozen=True)
class Limb:
    """Where the two long bones of a limb point (float64 [3] each) and what its end does.

    end: degrees; of an arm, how far the fingers are curled; of a leg, how far the toes point down
    from level.
    """

    upper: np.ndarray
    lower: np.ndarray
    end: float = 0.0


@dataclass(frozen=True)
class Pose:
    """Arms point in the chest's frame, legs in the pelvis's; angles are degrees.

    pelvis: turn left, lean forward, lean to the left, of everything. spine: the same between
    pelvis and chest, spread over the vertebrae. head: the same on top of the chest.
    """

    left_arm: Limb
    right_arm: Limb
    left_leg: Limb
    right_leg: Limb
    pelvis: tuple[float, float, float] = (0.0, 0.0, 0.0)
    spine: tuple[float, float, float] = (0.0, 0.0, 0.0)
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)


def body_turn(turn: float, forward: float, left: float) -> Rotation:
    """Turn to the own left about Z, then lean forward (toward -Y), then lean to the left (+X)."""
    return Rotation.from_euler("zxy", [turn, forward, left], degrees=True)


def shortest_turn(start: np.ndarray, end: np.ndarray) -> Rotation:
    """The smallest rotation that takes one direction (float [3]) into another."""
    start, end = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis, cosine = np.cross(start, end), float(np.clip(start @ end, -1, 1))
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        if cosine > 0:
            return Rotation.identity()
        side = np.cross(start, [1.0, 0.0, 0.0] if abs(start[0]) < 0.9 else [0.0, 1.0, 0.0])
        return Rotation.from_rotvec(np.pi * side / np.linalg.norm(side))
    return Rotation.from_rotvec(axis / sine * np.arctan2(sine, cosine))


def limb_turns(
    rest: tuple[np.ndarray, np.ndarray], wanted: tuple[np.ndarray, np.ndarray]
) -> tuple[Rotation, Rotation]:
    """Rotations of a limb's upper and lower bone, given both directions before and after.

    Where the limb is bent before and after, the upper bone also turns about itself so that the
    joint bends in its own plane, as elbows and knees do.
    """
    upper = shortest_turn(rest[0], wanted[0])
    hinge_rest, hinge = np.cross(*rest), np.cross(*wanted)
    if min(np.linalg.norm(hinge_rest), np.linalg.norm(hinge)) > _MIN_BEND:
        turned = upper.apply(hinge_rest)
        axis = wanted[0] / np.linalg.norm(wanted[0])
        turned = turned - axis * (axis @ turned)
        hinge = hinge - axis * (axis @ hinge)
        angle = np.arctan2(axis @ np.cross(turned, hinge), turned @ hinge)
        # Joints of shoulder and hip do not twist beyond a right angle.
        upper = Rotation.from_rotvec(axis * np.clip(angle, -np.pi / 2, np.pi / 2)) * upper
    lower = shortest_turn(upper.apply(rest[1]), wanted[1]) * upper
    return upper, lower


def bone_turns(skeleton: Skeleton, pose: Pose) -> dict[str, Rotation]:
    """The rotation of every bone that the pose names, from the rest pose, in the world."""
    pelvis = body_turn(*pose.pelvis)
    turns = {skeleton.bones[0]: pelvis, "pelvis.L": pelvis, "pelvis.R": pelvis}
    for i, bone in enumerate(_SPINE):
        turns[bone] = pelvis * body_turn(*(np.array(pose.spine) * (i + 1) / len(_SPINE)))
    chest = turns[_SPINE[-1]]
    for i, bone in enumerate(_NECK):
        turns[bone] = chest * body_turn(*(np.array(pose.head) * (i + 1) / len(_NECK)))
    for side, arm, leg in (
        ("L", pose.left_arm, pose.left_leg),
        ("R", pose.right_arm, pose.right_leg),
    ):
        _turn_arm(skeleton, side, arm, chest, turns)
        _turn_leg(skeleton, side, leg, pelvis, turns)
    return turns


def _turn_arm(
    skeleton: Skeleton, side: str, arm: Limb, chest: Rotation, turns: dict[str, Rotation]
) -> None:
    shoulder, elbow, wrist = (f"{name}.{side}" for name in ("upperarm01", "lowerarm01", "wrist"))
    rest = (skeleton.direction(shoulder, elbow), skeleton.direction(elbow, wrist))
    upper, lower = limb_turns(rest, (_unit(arm.upper), _unit(arm.lower)))
    swing = shortest_turn(rest[0], _unit(arm.upper))
    for bone, share in (("clavicle", 0.2), ("shoulder01", 0.4)):
        turns[f"{bone}.{side}"] = chest * Rotation.from_rotvec(share * swing.as_rotvec())
    turns[shoulder] = chest * swing
    turns[f"upperarm02.{side}"] = chest * upper
    for bone in ("lowerarm01", "lowerarm02", "wrist"):
        turns[f"{bone}.{side}"] = chest * lower
    _curl_fingers(skeleton, side, arm.end, chest * lower, turns)


def _curl_fingers(
    skeleton: Skeleton, side: str, angle: float, hand: Rotation, turns: dict[str, Rotation]
) -> None:
    across = skeleton.direction(f"finger5-1.{side}", f"finger2-1.{side}")
    for finger in range(2, 6):
        first, second, third = (f"finger{finger}-{joint}.{side}" for joint in (1, 2, 3))
        bend = np.cross(skeleton.direction(first, second), skeleton.direction(second, third))
        sign = 1.0 if bend @ across > 0 else -1.0
        for joint, bone in enumerate((first, second, third), start=1):
            curl = np.radians(angle * joint) * sign
            turns[bone] = hand * Rotation.from_rotvec(across * curl)


def _turn_leg(
    skeleton: Skeleton, side: str, leg: Limb, pelvis: Rotation, turns: dict[str, Rotation]
) -> None:
    hip, knee, ankle = (f"{name}.{side}" for name in ("upperleg01", "lowerleg01", "foot"))
    rest = (skeleton.direction(hip, knee), skeleton.direction(knee, ankle))
    # A knee bends about the body's own left, which the nearly straight rest pose does not tell.
    hinge_rest = np.array([1.0, 0.0, 0.0])
    upper = shortest_turn(rest[0], _unit(leg.upper))
    hinge = np.cross(_unit(leg.upper), _unit(leg.lower))
    if np.linalg.norm(hinge) > _MIN_BEND:
        axis = _unit(leg.upper)
        turned = upper.apply(hinge_rest)
        turned, hinge = turned - axis * (axis @ turned), hinge - axis * (axis @ hinge)
        angle = np.arctan2(axis @ np.cross(turned, hinge), turned @ hinge)
        upper = Rotation.from_rotvec(axis * np.clip(angle, -1.2, 1.2)) * upper
    lower = shortest_turn(upper.apply(rest[1]), _unit(leg.lower)) * upper
    half = shortest_turn(rest[0], _unit(leg.upper))
    turns[hip], turns[f"upperleg02.{side}"] = pelvis * half, pelvis * upper
    turns[knee] = turns[f"lowerleg02.{side}"] = pelvis * lower
    turns[ankle] = _foot_turn(pelvis * lower, pelvis * upper, leg.end)


def _foot_turn(shin: Rotation, thigh: Rotation, pitch: float) -> Rotation:
    """The foot points where the knee does, its toes `pitch` degrees below level.

    It follows the shin where the ankle would have to bend further than ankles do, and where the
    knee's hinge stands upright, so that nothing tells which way is level.
    """
    hinges = [bone.apply([1.0, 0.0, 0.0]) * [1.0, 1.0, 0.0] for bone in (shin, thigh)]
    side = next((hinge for hinge in hinges if np.linalg.norm(hinge) >= 0.3), None)
    if side is None:
        return shin
    level = Rotation.from_euler("z", np.arctan2(side[1], side[0]))
    wanted = level * Rotation.from_euler("x", pitch, degrees=True)
    ankle = (shin.inv() * wanted).as_rotvec()
    angle = np.linalg.norm(ankle)
    limit = np.radians(50)
    return shin * Rotation.from_rotvec(ankle * min(1.0, limit / max(angle, 1e-9)))


def skin(
    skeleton: Skeleton,
    turns: dict[str, Rotation],
    vertices: np.ndarray,
    weights: np.ndarray,
    weight_bones: np.ndarray,
) -> np.ndarray:
    """float64 [V, 3]: vertices moved with their bones (linear blend skinning).

    weights float [V, K] and weight_bones int [V, K] say which bones hold a vertex. Bones that
    `turns` does not name move with their parent.
    """
    matrices = np.empty((len(skeleton.bones), 3, 3))
    offsets = np.empty((len(skeleton.bones), 3))
    for i, bone in enumerate(skeleton.bones):
        parent = int(skeleton.parents[i])
        head = skeleton.heads[i]
        if bone in turns:
            matrices[i] = turns[bone].as_matrix()
        else:
            matrices[i] = matrices[parent] if parent >= 0 else np.eye(3)
        place = matrices[parent] @ head + offsets[parent] if parent >= 0 else head
        offsets[i] = place - matrices[i] @ head
    result = np.zeros_like(vertices, np.float64)
    for k in range(weights.shape[1]):
        bones = weight_bones[:, k]
        moved = np.einsum("vij,vj->vi", matrices[bones], vertices) + offsets[bones]
        result += weights[:, k, None] * moved
    return result


def _unit(vector: np.ndarray) -> np.ndarray:
    vector = np.asarray(vector, np.float64)
    return vector / np.linalg.norm(vector)

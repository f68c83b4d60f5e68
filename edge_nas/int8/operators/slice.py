"""SLICE, SPLIT, SPLIT_V and UNPACK: blocks of a tensor without gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Operands, Shape
from edge_nas.int8.operators.strided_slice import StridedSlice


class _Block(StridedSlice):
    """A strided slice with steps of one."""

    @classmethod
    def block(
        cls, operands: Operands, slot: int, starts: Sequence[int], counts: Sequence[int], shape: Shape | None = None
    ) -> Self:
        """Returns the block of an input that an operator copies, under the shape that the output has."""
        source = operands.moved(slot)
        output = operands.moved_output(source, tuple(counts) if shape is None else shape)
        return cls(
            **operands.wiring((source,), output),
            starts=tuple(starts),
            strides=(1,) * len(starts),
            counts=tuple(counts),
        )

    @classmethod
    def part(cls, operands: Operands, slot: int, axis: int, start: int, count: int) -> Self:
        """Returns the block that is cut along one dimension, counted with the batch."""
        shape = operands.moved(slot).shape
        starts = [start if place == axis - 1 else 0 for place in range(len(shape))]
        counts = [count if place == axis - 1 else size for place, size in enumerate(shape)]
        return cls.block(operands, slot, starts, counts)


@register("SLICE", options=SchemaOptions("SliceOptions"))
@dataclass(frozen=True, eq=False, kw_only=True)
class Slice(_Block):
    """`size` elements from `begin` along each dimension; a size of -1 is all that are left."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the slice that an operator describes.

        Raises:
            ArtifactError: the batch is cut, the block is not inside, or anything else that is not supported.
        """
        operands.expect_inputs(3, 3)
        shape = (1, *operands.moved(0).shape)
        begins, sizes = (operands.constant(slot, ("int32", "int64"), 1).tolist() for slot in (1, 2))
        if not len(begins) == len(sizes) == len(shape):
            raise operands.refusal(f"begin {begins} and size {sizes} are expected to have {len(shape)} numbers")
        counts = [
            whole - begin if size == -1 else size for begin, size, whole in zip(begins, sizes, shape, strict=True)
        ]
        inside = all(
            begin >= 0 and count >= 1 and begin + count <= whole
            for begin, count, whole in zip(begins, counts, shape, strict=True)
        )
        if not inside:
            raise operands.refusal(f"begin {begins} and size {sizes} are no block inside {shape}")
        return cls.block(operands, 0, begins[1:], counts[1:])


@register("SPLIT", options=SchemaOptions("SplitOptions", ("NumSplits",)))
@dataclass(frozen=True, eq=False, kw_only=True)
class Split(_Block):
    """One of the equal parts of a tensor along a dimension."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the part that an operator describes.

        Raises:
            ArtifactError: the batch is cut, the parts are not equal, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        shape, parts = operands.moved(1).shape, operands.option("NumSplits", 1)
        axis = _axis(operands, _number(operands, 0), len(shape))
        if shape[axis - 1] % parts or operands.operator.part >= parts:
            raise operands.refusal(f"{shape[axis - 1]} elements are not divided into {parts} parts", operands.tensor(1))
        count = shape[axis - 1] // parts
        return cls.part(operands, 1, axis, operands.operator.part * count, count)


@register("SPLIT_V", options=SchemaOptions("SplitVOptions", ("NumSplits",)), resolver="AddSplitV")
@dataclass(frozen=True, eq=False, kw_only=True)
class SplitV(_Block):
    """One of the parts of given sizes along a dimension."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the part that an operator describes.

        Raises:
            ArtifactError: the batch is cut, the sizes do not add up, or anything else that is not supported.
        """
        operands.expect_inputs(3, 3)
        shape, given = operands.moved(0).shape, operands.constant(1, ("int32", "int64"), 1).tolist()
        axis = _axis(operands, _number(operands, 2), len(shape))
        # One size may be left open.
        rest = shape[axis - 1] - sum(size for size in given if size != -1)
        sizes = [rest if size == -1 else size for size in given]
        if min(sizes, default=0) < 1 or sum(sizes) != shape[axis - 1] or operands.operator.part >= len(sizes):
            raise operands.refusal(f"the sizes {given} are not those of {shape[axis - 1]} elements", operands.tensor(0))
        part = operands.operator.part
        return cls.part(operands, 0, axis, sum(sizes[:part]), sizes[part])


@register("UNPACK", options=SchemaOptions("UnpackOptions", ("Num", "Axis")))
@dataclass(frozen=True, eq=False, kw_only=True)
class Unpack(_Block):
    """One position of a dimension, which the output leaves out."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the position that an operator describes.

        Raises:
            ArtifactError: the batch is cut, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        shape, number = operands.moved(0).shape, operands.operator.part
        axis = _axis(operands, operands.option("Axis"), len(shape))
        if operands.option("Num") != shape[axis - 1] or number >= shape[axis - 1]:
            raise operands.refusal(f"the option Num is {operands.option('Num')}; expected: {shape[axis - 1]}")
        starts = [number if place == axis - 1 else 0 for place in range(len(shape))]
        counts = [1 if place == axis - 1 else size for place, size in enumerate(shape)]
        return cls.block(operands, 0, starts, counts, (*shape[: axis - 1], *shape[axis:]))


def _number(operands: Operands, slot: int) -> int:
    """Returns a constant of one element, which is a scalar or a vector."""
    values = operands.constant(slot, "int32", len(operands.tensor(slot).shape)).reshape(-1).tolist()
    if len(values) != 1:
        raise operands.refusal(f"{values} is expected to be one number", operands.tensor(slot))
    return int(values[0])


def _axis(operands: Operands, given: int, rank: int) -> int:
    """Returns a dimension, counted with the batch, which is not it; `rank` leaves the batch out."""
    axis = given + rank + 1 if given < 0 else given
    if not 1 <= axis <= rank:
        raise operands.refusal(f"the axis is {given}; supported: 1 to {rank} or {-rank} to -1 (not the batch)")
    return axis

"""The kinds of operators that are understood.

Each operator's file adds its own, and a file outside of this package does it alike:

    @register("ABS", options=SchemaOptions("AbsOptions"))
    class Absolute(LookupTable):
        @classmethod
        def parse(cls, operands: Operands) -> Self: ...

What a kind is called, which options it has and which version knows int8 stand in that line and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from edge_nas.int8.operands import ParsedOperator

P = TypeVar("P", bound=ParsedOperator)


@dataclass(frozen=True)
class SchemaOptions:
    """The schema's table of an operator's options, and the fields of it that say what the operator computes.

    Attributes:
        table: its name in the schema, such as "Conv2DOptions".
        integers: fields that are integers, enumerations or truth values, under the schema's names.
        reals: fields that are float32.
        lists: fields that are several integers.
    """

    table: str
    integers: tuple[str, ...] = ()
    reals: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True)
class OperatorKind:
    """One kind of operator of a .tflite file.

    Attributes:
        name: in the schema, such as "CONV_2D".
        parsed: what an operator of the kind becomes; says how it is read, what it computes and what it costs.
        options: its options; None where the schema has no table for it.
        version: the lowest of its versions whose kernels know int8; older ones are float kernels to a runtime.
        resolver: the method of TensorFlow Lite for Microcontrollers' MicroMutableOpResolver that registers it; None:
            that library has no kernel for it.
    """

    name: str
    parsed: type[ParsedOperator]
    options: SchemaOptions | None
    version: int
    resolver: str | None


OPERATORS: dict[str, OperatorKind] = {}
"""Every kind that is understood, by its name in the schema; `edge_nas.int8.operators` fills it."""

SHORT_OPERATORS: dict[str, OperatorKind] = {}
"""Those of them that are understood on int16 codes as well, with what such an operator becomes."""

# Most kinds got int8 kernels with their second version.
_INT8_VERSION = 2


def register(
    *names: str,
    options: SchemaOptions | None = None,
    version: int = _INT8_VERSION,
    resolver: str | None = None,
    in_micro: bool = True,
) -> Callable[[type[P]], type[P]]:
    """Returns a decorator that adds a class as the kinds of these names.

    Args:
        names: in the schema.
        options: see `OperatorKind`.
        version: see `OperatorKind`.
        resolver: see `OperatorKind`; default: the rule of `resolver_method`.
        in_micro: whether TensorFlow Lite for Microcontrollers has a kernel for them.

    Raises:
        ValueError: a name is taken.
    """

    def add(parsed: type[P]) -> type[P]:
        for name in names:
            if name in OPERATORS:
                raise ValueError(f"operator {name!r} is registered twice, by {parsed} and {OPERATORS[name].parsed}")
            method = (resolver or resolver_method(name)) if in_micro else None
            OPERATORS[name] = OperatorKind(name, parsed, options, version, method)
        return parsed

    return add


def register_short(*names: str) -> Callable[[type[P]], type[P]]:
    """Returns a decorator that makes a class what operators of these names become where they read int16 codes.

    Raises:
        ValueError: a name is taken.
        KeyError: it is no name of `OPERATORS`, of which are options, version and resolver.
    """

    def add(parsed: type[P]) -> type[P]:
        for name in names:
            if name in SHORT_OPERATORS:
                raise ValueError(f"operator {name!r} is registered twice for int16, by {parsed}")
            SHORT_OPERATORS[name] = replace(OPERATORS[name], parsed=parsed)
        return parsed

    return add


def resolver_method(name: str) -> str:
    """Returns what a kind's method of MicroMutableOpResolver is called by rule.

    They are named after the schema's operators: CONV_2D is AddConv2D, RESIZE_NEAREST_NEIGHBOR AddResizeNearestNeighbor.
    """
    words = (word if word == "2D" else word.capitalize() for word in name.split("_"))
    return f"Add{''.join(words)}"

"""A graph in the making: the writer, its random numbers and what each activation looks like."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from int8graphs.writer import Options, Writer


@dataclass(frozen=True)
class Activation:
    """An int8 tensor with its batch of 1 in front."""

    index: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int


@dataclass
class Draft:
    """Everything a layer needs to append itself."""

    generator: np.random.Generator
    writer: Writer = field(default_factory=Writer)
    kinds: list[str] = field(default_factory=list)

    def uniform(self, low: float, high: float) -> float:
        """Returns a number whose logarithm is uniform, as the file will hold it."""
        return float(np.float32(np.exp(self.generator.uniform(np.log(low), np.log(high)))))

    def integer(self, low: int, high: int) -> int:
        """Returns an integer from low to high, both included."""
        return int(self.generator.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.generator.random() < probability)

    def zero_point(self) -> int:
        """Returns a zero point; the ends and the middle are as likely as all others together."""
        return self.integer(-128, 127) if self.chance(0.5) else int(self.generator.choice([-128, 0, 127]))

    def activation(self, shape: Sequence[int], scale: float | None = None, zero_point: int | None = None) -> Activation:
        """Returns a new tensor for an operator to write; what is not given is drawn."""
        scale = self.uniform(0.002, 0.2) if scale is None else float(np.float32(scale))
        zero_point = self.zero_point() if zero_point is None else zero_point
        index = self.writer.tensor(shape, scale, zero_point)
        return Activation(index, tuple(int(size) for size in shape), scale, zero_point)

    def constant_codes(self, shape: Sequence[int]) -> Activation:
        """Returns an int8 constant of one scale."""
        scale, zero_point = self.uniform(0.002, 0.2), self.zero_point()
        data = self.codes(shape)
        return Activation(self.writer.tensor(shape, scale, zero_point, data=data), tuple(shape), scale, zero_point)

    def codes(self, shape: Sequence[int]) -> np.ndarray:
        """Returns codes over the whole range, its ends included."""
        return self.generator.integers(-128, 128, tuple(shape), dtype=np.int8)

    def operator(
        self, kind: str, inputs: Sequence[int], output: Activation, options: Options | None = None
    ) -> Activation:
        """Appends an operator and returns its output."""
        self.writer.operator(kind, inputs, [output.index], options)
        self.kinds.append(kind)
        return output

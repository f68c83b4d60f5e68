"""Files whose ends are float or uint8: one RELU between conversions, and what to give them."""

import numpy as np

from int8graphs.writer import Writer

SHAPE = (1, 5, 7)
ENDS = (None, "float32", "uint8")
# Integers that are rescaled; the zero point of int32 is 0.
WIDE = ("int16", "int32")


def ended(
    before: str | None,
    after: str | None,
    *,
    scales: tuple[float, float] = (0.1, 0.07),
    zero_points: tuple[int, int] = (3, 100),
    inside: tuple[float, int] = (0.09, -7),
) -> bytes:
    """Returns a file with ends of these dtypes (None: int8), the uint8 ones with these scales and zero points."""
    writer = Writer()
    source = first = writer.tensor(SHAPE, *inside)
    result = last = writer.tensor(SHAPE, 0.05, -20)
    if before is not None:
        source = _end(writer, before, scales[0], zero_points[0])
        writer.operator("QUANTIZE", [source], [first], {})
    writer.operator("RELU", [first], [last], {})
    if after is not None:
        result = _end(writer, after, scales[1], zero_points[1])
        writer.operator("DEQUANTIZE" if after == "float32" else "QUANTIZE", [last], [result], {})
    return writer.finish([source], [result])


def _end(writer: Writer, dtype: str, scale: float, zero_point: int) -> int:
    """Returns the tensor of an end, without a scale for reals."""
    if dtype == "float32":
        return writer.tensor(SHAPE, dtype=dtype)
    return writer.tensor(SHAPE, scale, 0 if dtype == "int32" else zero_point, dtype=dtype)


def several_ends() -> bytes:
    """Returns a file of two inputs, float32 and uint8, and three outputs, the first a reshape of what goes on."""
    writer = Writer()
    first, second = writer.tensor(SHAPE, dtype="float32"), writer.tensor(SHAPE, 0.1, 3, dtype="uint8")
    codes = [writer.tensor(SHAPE, 0.09, -7), writer.tensor(SHAPE, 0.05, -20)]
    writer.operator("QUANTIZE", [first], [codes[0]], {})
    writer.operator("QUANTIZE", [second], [codes[1]], {})
    total = writer.tensor(SHAPE, 0.12, 5)
    writer.operator("ADD", codes, [total], {})
    flat, positive, reals = (
        writer.tensor((1, 35), 0.12, 5),
        writer.tensor(SHAPE, 0.06, -128),
        writer.tensor(SHAPE, dtype="float32"),
    )
    writer.operator("RESHAPE", [total, writer.constant([1, 35])], [flat], {})
    writer.operator("RELU", [total], [positive], {})
    writer.operator("DEQUANTIZE", [positive], [reals], {})
    return writer.finish([first, second], [flat, reals, positive])


def stored(dtype: str, seed: int = 0, scale: float = 0.09) -> np.ndarray:
    """Returns 60 frames: every code or many reals, halves between two codes among them, and beyond both ends."""
    generator = np.random.default_rng(seed)
    if dtype == "float32":
        reals: np.ndarray = generator.integers(-300, 300, (60, *SHAPE[1:])) / 2 * np.float32(scale)
        reals += generator.choice([0, 1e-7, -1e-7, 0.01], reals.shape)
        return reals.astype(np.float32)
    if dtype in WIDE:
        # Mostly about the codes, and beyond both ends.
        codes: np.ndarray = generator.integers(-200, 200, (60, *SHAPE[1:]))
        codes = codes + generator.choice([0, 30000, -30000], (60, 1, 1))
        return codes.astype(dtype)
    info = np.iinfo(dtype)
    return generator.integers(info.min, info.max + 1, (60, *SHAPE[1:]), dtype=dtype)

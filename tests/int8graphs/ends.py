"""Files whose ends are float or uint8: one RELU between conversions, and what to give them."""

import numpy as np

from int8graphs.writer import Writer

SHAPE = (1, 5, 7)
ENDS = (None, "float32", "uint8")


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
        source = writer.tensor(SHAPE, *(() if before == "float32" else (scales[0], zero_points[0])), dtype=before)
        writer.operator("QUANTIZE", [source], [first], {})
    writer.operator("RELU", [first], [last], {})
    if after is not None:
        result = writer.tensor(SHAPE, *(() if after == "float32" else (scales[1], zero_points[1])), dtype=after)
        writer.operator("DEQUANTIZE" if after == "float32" else "QUANTIZE", [last], [result], {})
    return writer.finish([source], [result])


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
    info = np.iinfo(dtype)
    return generator.integers(info.min, info.max + 1, (60, *SHAPE[1:]), dtype=dtype)

"""Random changes of a file: of its bytes, and of the values in it."""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from google.protobuf.message import Message

STRANGE_NUMBERS = (-(2**31), -129, -128, -2, -1, 0, 1, 2, 3, 5, 127, 255, 1000, 65_536, 2**31 - 1)
STRANGE_REALS = (0.0, -0.1, 1e-30, 1e30, float("inf"), float("nan"), 0.05)
STRANGE_TEXTS = (
    "",
    "x",
    "None",
    "../x",
    "/etc/passwd",
    "a" * 300,
    "\x00",
    "é\u202e",
    "-1",
    "os:system",
    "1e400",
    "%s{}",
)

Random = np.random.Generator


def of_bytes(data: bytes, random: Random) -> bytes:
    """Returns the bytes with a change or two: a bit, a byte, a word, a block, a cut, a repetition."""
    changed = bytearray(data)
    for _ in range(_how_many(random)):
        if changed:
            _BYTE_CHANGES[int(random.integers(len(_BYTE_CHANGES)))](changed, random)
    return bytes(changed)


def _how_many(random: Random) -> int:
    """Returns one, or two in a third of the cases: with more, hardly a mutant gets past what reads it first."""
    return 2 if random.random() < 1 / 3 else 1


def _flip(data: bytearray, random: Random) -> None:
    data[int(random.integers(len(data)))] ^= 1 << int(random.integers(8))


def _byte(data: bytearray, random: Random) -> None:
    data[int(random.integers(len(data)))] = int(random.choice([0, 1, 127, 128, 255]))


def _word(data: bytearray, random: Random) -> None:
    place = int(random.integers(len(data)))
    data[place : place + 4] = struct.pack("<q", int(random.choice(STRANGE_NUMBERS)))[:4]


def _block(data: bytearray, random: Random) -> None:
    place, size = int(random.integers(len(data))), int(random.integers(1, 64))
    data[place : place + size] = random.bytes(len(data[place : place + size]))


def _cut(data: bytearray, random: Random) -> None:
    start = int(random.integers(len(data)))
    del data[start : start + int(random.integers(1, max(2, len(data) // 4)))]


def _repeat(data: bytearray, random: Random) -> None:
    start = int(random.integers(len(data)))
    data[start:start] = data[start : start + int(random.integers(1, 64))]


# Cuts and repetitions move what follows, and few such files get past a header: bits and words come twice.
_BYTE_CHANGES: tuple[Callable[[bytearray, Random], None], ...] = (
    _flip, _flip, _byte, _word, _word, _block, _cut, _repeat,
)  # fmt: skip


def strange(value: Any, random: Random) -> Any:
    """Returns another value in the place of one, mostly of its kind."""
    kind = int(random.integers(10))
    if kind == 0:
        return None
    if kind == 1:
        return [] if random.random() < 0.5 else {}
    if isinstance(value, bool):
        return not value if random.random() < 0.7 else "perhaps"
    if isinstance(value, int) and kind < 9:
        return int(random.choice(STRANGE_NUMBERS))
    if isinstance(value, float) and kind < 9:
        return float(random.choice(STRANGE_REALS))
    if isinstance(value, str) and kind < 9:
        return str(random.choice(STRANGE_TEXTS))
    return random.choice([1, -1]).item() if random.random() < 0.5 else str(random.choice(STRANGE_TEXTS))


def of_tree(tree: Any, random: Random) -> Any:
    """Returns nested dictionaries and lists with a change or two: values, keys, what is left out or there twice."""
    for _ in range(_how_many(random)):
        places = list(_places(tree))
        if not places:
            return strange(tree, random)
        holder, key = places[int(random.integers(len(places)))]
        what = random.random()
        if what < 0.7:
            holder[key] = strange(holder[key], random)
        elif what < 0.85:
            del holder[key]
        elif isinstance(holder, list):
            holder.insert(key, holder[key])
        else:
            holder[f"{key}{random.choice(STRANGE_TEXTS)}"] = holder.pop(key)
    return tree


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yields (dictionary or list, key or index) of every value in a tree."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(entries):
        yield tree, key
        yield from _places(value)


def of_tflite(data: bytes, random: Random) -> bytes:
    """Returns a .tflite file with a field or two of its tables changed, such as shapes, scales and options."""
    import flatbuffers

    model = schema.ModelT.InitFromPackedBuf(data, 0)
    for _ in range(_how_many(random)):
        fields = list(_fields(model))
        table, name = fields[int(random.integers(len(fields)))]
        setattr(table, name, _strange_field(getattr(table, name), random))
    builder = flatbuffers.Builder(1024)
    try:
        builder.Finish(model.Pack(builder), b"TFL3")
    except (TypeError, ValueError, AttributeError, struct.error, OverflowError):  # a value that the field cannot hold
        return of_bytes(data, random)
    return bytes(builder.Output())


def _fields(table: Any) -> Iterator[tuple[Any, str]]:
    """Yields (table, name) of every field in a table and in those below it, but the contents of buffers."""
    for name, value in vars(table).items():
        if isinstance(table, schema.BufferT):
            continue
        if value is not None:
            yield table, name
        below = value if isinstance(value, list) else [value]
        for each in below:
            if hasattr(each, "__dict__"):
                yield from _fields(each)


def _strange_field(value: Any, random: Random) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list) and value and not hasattr(value[0], "__dict__"):
        numbers = list(value)
        place = int(random.integers(len(numbers)))
        what = random.random()
        if what < 0.6:
            numbers[place] = strange(numbers[place], random)
        elif what < 0.8:
            del numbers[place]
        else:
            numbers.insert(place, numbers[place])
        return [number for number in numbers if isinstance(number, (int, float))]
    if isinstance(value, list):
        return value[:-1] if random.random() < 0.5 else [*value, *value[:1]]
    if hasattr(value, "__dict__"):
        return None
    if isinstance(value, bytes):
        return of_bytes(value, random) if value else b"x"
    return strange(value, random)


def of_onnx(data: bytes, random: Random) -> bytes:
    """Returns an .onnx file with a field or two of its messages changed."""
    import onnx

    model = onnx.load_model_from_string(data)
    for _ in range(_how_many(random)):
        fields = list(_message_fields(model))
        message, field = fields[int(random.integers(len(fields)))]
        _change_field(message, field, random)
    return bytes(model.SerializeToString())


def _message_fields(message: Message) -> Iterator[tuple[Message, Any]]:
    for field, value in message.ListFields():
        yield message, field
        if field.message_type is not None:
            for each in value if field.is_repeated else [value]:
                yield from _message_fields(each)


def _change_field(message: Any, field: Any, random: Random) -> None:
    """Changes a field of a message in place: another value, one fewer, one twice, or none."""
    value = getattr(message, field.name)
    if field.message_type is not None or random.random() < 0.15:
        if field.is_repeated and len(value) and random.random() < 0.7:
            place = int(random.integers(len(value)))
            if random.random() < 0.5:
                del value[place]
            elif field.message_type is not None:
                value.add().CopyFrom(value[place])
            else:
                value.append(value[place])
        else:
            message.ClearField(field.name)
        return
    try:
        if field.is_repeated:
            place = int(random.integers(len(value)))
            value[place] = _of_type(value[place], random)
        else:
            setattr(message, field.name, _of_type(value, random))
    except (TypeError, ValueError):  # a value that the field cannot hold
        message.ClearField(field.name)


def _of_type(value: Any, random: Random) -> Any:
    return of_bytes(value, random) if isinstance(value, bytes) else strange(value, random)


def of_png(data: bytes, random: Random) -> bytes:
    """Returns a .png file with a chunk or two changed, whose checksums are right."""
    chunks = list(_chunks(data))
    for _ in range(_how_many(random)):
        place = int(random.integers(len(chunks)))
        kind, body = chunks[place]
        what = random.random()
        if what < 0.6 and body:
            chunks[place] = (kind, of_bytes(body, random))
        elif what < 0.7:
            chunks[place] = (bytes(random.choice([b"IHDR", b"IDAT", b"PLTE", b"tRNS", b"acTL", b"IEND"])), body)
        elif what < 0.85 and len(chunks) > 1:
            del chunks[place]
        else:
            chunks.insert(place, chunks[place])
    parts = [data[:8]]
    for kind, body in chunks:
        parts += [struct.pack(">I", len(body)), kind, body, struct.pack(">I", zlib.crc32(kind + body))]
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        place += 12 + size

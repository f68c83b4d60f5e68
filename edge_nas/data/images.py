"""One image or one mask, read safely: everything Pillow would guess is decided here, by mode.

| file holds | image becomes | mask becomes |
|---|---|---|
| 8-bit RGB | as it is, or its luma | its grey value if all three channels are equal, else refused |
| 1-, 2-, 4-, 8-bit grey | R = G = B = grey, scaled to [0, 255] | its values |
| 16-bit grey | R = G = B = round(value / 257) | its values |
| palette | its colours | its indices if index 0 is black, else refused: both readings must agree |
| RGBA, grey + alpha, transparent colour | without alpha if opaque everywhere, else refused | the same |
| 16-bit colour, CMYK, anything else | refused | refused |

EXIF orientation is applied. PNG, JPEG and BMP are read, up to 64 megapixels (known from the header, before any pixel
is decoded); what is corrupt or cut short is refused.
"""

import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from edge_nas.core.arrays import Pixels
from edge_nas.errors import DataError, ResourceError
from edge_nas.tasks import BinarySegmentation, Task

FORMATS = ("PNG", "JPEG", "BMP")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp"})
_BLURRING = frozenset({".jpg", ".jpeg"})
_CODE = np.array([65_536, 256, 1], np.int32)
"""Of red, green and blue: one number for each colour, black being 0."""
_ORIENTATION = 0x0112
"""The EXIF tag; from 5 on, width and height are exchanged where the picture is upright."""
# More than any camera that such networks look through has; 64 megapixels take 192 MB once they are decoded.
MAX_PIXELS = 64_000_000

_Read = TypeVar("_Read")

# What Pillow's readers of these three formats let through on mutated files, apart from UnidentifiedImageError (an
# OSError). A list, not `Exception`: a mistake of ours must not look like a bad file.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    AttributeError,
    struct.error,
    zlib.error,
)


def open_image(path: Path, channels: int = 3) -> Image.Image:
    """Returns the image at `path`: RGB, or grey (mode "L") for one channel; upright, in its own size.

    A colour picture becomes grey by the luma of ITU-R 601-2, as Pillow converts it.

    Raises:
        DataError: not a readable PNG, JPEG or BMP, too large, or of a mode that has no exact RGB reading.
        ResourceError: no permission to read it.
    """
    image, mode = _without_alpha(path, _decode(path)), "L" if channels == 1 else "RGB"
    if image.mode == "I;16":
        grey = np.rint(np.asarray(image, np.float64) / 257.0).astype(np.uint8)
        return Image.fromarray(grey).convert(mode)
    if image.mode in ("RGB", "L", "1"):
        return image.convert(mode)
    if image.mode == "P":
        return image.convert("RGB").convert(mode)
    raise DataError(f"{shown(path)}: colour mode {image.mode} has no exact RGB reading; save it as 8-bit RGB")


def upright_size(path: Path) -> tuple[int, int]:
    """Returns (width, height) of the image or mask at `path` in its own size, of its header alone.

    Raises:
        DataError: no PNG, JPEG or BMP, or too large.
        ResourceError: no permission to read it.
    """
    return _guarded(path, _size_in_file)


def same_proportions(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Returns whether two sizes (width, height) are of one picture, the smaller rounded to whole pixels."""
    small, large = sorted((a, b))
    scale = large[0] / small[0]
    return abs(small[1] - large[1] / scale) <= (1 + large[1] / large[0]) / 2  # both sides were rounded


def open_mask(path: Path, kind: type[Task] = BinarySegmentation) -> Image.Image:
    """Returns the mask at `path`, in its own size, as labels of a task (mode "L").

    Args:
        path: the file.
        kind: the task, which says what the file's values mean; binary: 0 is background, another value foreground.

    Raises:
        DataError: as `open_image`; or values that the task does not have, that a JPEG has blurred, or colours.
        ResourceError: no permission to read it.
    """
    values = mask_codes(path)
    try:
        return Image.fromarray(kind.mask_of(values))
    except DataError as error:
        raise DataError(f"{shown(path)}: {error}") from error


def mask_codes(path: Path, *, in_colour: bool = False) -> npt.NDArray[np.int32]:
    """Returns what a mask file holds, (h, w): its values, or of a mask in colours red * 65536 + green * 256 + blue.

    Args:
        path: the file.
        in_colour: whether a file of colours is one of a set of masks in colours; it is refused where it is not.

    Raises:
        DataError: as `open_image`; or values that a JPEG has blurred, or colours.
        ResourceError: no permission to read it.
    """
    mask = _without_alpha(path, _decode(path))
    is_rgb = in_colour and mask.mode == "RGB"
    values = np.asarray(mask).astype(np.int32) @ _CODE if is_rgb else _mask_values(path, mask)
    if path.suffix.lower() in _BLURRING and (count := len(np.unique(values))) > 2:
        raise DataError(
            f"{shown(path)}: the mask holds {count} values and is a JPEG, which blurs values at every edge; save masks "
            "as PNG or BMP, from where they were drawn"
        )
    return values


def is_in_colour(path: Path) -> bool:
    """Returns whether a mask file holds colours, which are no numbers of classes.

    Raises:
        DataError: as `open_image`.
        ResourceError: no permission to read it.
    """
    mask = _without_alpha(path, _decode(path))
    return mask.mode == "RGB" and not _is_grey(np.asarray(mask))


def resize_image(image: Image.Image, input_shape: tuple[int, ...]) -> Pixels:
    """Returns the image at (H, W) as (H, W, C) uint8, each pixel the mean of the area it covers (Pillow BOX)."""
    height, width, channels = input_shape
    return np.asarray(image.resize((width, height), Image.Resampling.BOX)).reshape(height, width, channels)


def resize_mask(mask: Image.Image, input_shape: tuple[int, ...]) -> Pixels:
    """Returns the mask at (H, W) as (H, W) uint8, each pixel the value at its centre (Pillow NEAREST)."""
    height, width, _ = input_shape
    return np.asarray(mask.resize((width, height), Image.Resampling.NEAREST))


def read_image(path: Path, input_shape: tuple[int, ...]) -> Pixels:
    """Returns the image at `path` in the network's format: (H, W, C) uint8, C 1 or 3. Raises as `open_image`."""
    return resize_image(open_image(path, input_shape[-1]), input_shape)


def shown(path: Path | str) -> str:
    """Returns a path or name as one line of printable text; a newline or a byte that is no text is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(path))


def _decode(path: Path) -> Image.Image:
    return _guarded(path, _decode_file)


def _guarded(path: Path, read: Callable[[Path, BinaryIO], _Read]) -> _Read:
    """Returns what is read of a file; whatever its bytes do to Pillow is one of our errors."""
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            # Pillow warns of broken EXIF blocks and of sizes we refuse ourselves; neither says more than our errors.
            warnings.simplefilter("ignore")
            return read(path, file)
    except FileNotFoundError:
        raise DataError(f"{shown(path)}: no such file") from None
    except PermissionError:
        raise ResourceError(f"{shown(path)}: no permission to read it") from None
    except Image.DecompressionBombError:
        raise DataError(f"{shown(path)}: far more pixels than allowed: {MAX_PIXELS / 1e6:.0f} megapixels") from None
    except _DECODER_ERRORS as error:
        reason = shown(str(error)) or type(error).__name__
        raise DataError(
            f"{shown(path)}: cannot be decoded as {', '.join(FORMATS[:-1])} or {FORMATS[-1]} ({reason}); it may be "
            f"corrupt or cut short"
        ) from error


def _size_in_file(path: Path, file: BinaryIO) -> tuple[int, int]:
    image = _opened(path, file)
    is_turned = image.getexif().get(_ORIENTATION, 1) >= 5
    return (image.height, image.width) if is_turned else (image.width, image.height)


def _opened(path: Path, file: BinaryIO) -> Image.Image:
    """Returns an image whose header is read and whose pixels are not."""
    image = Image.open(file, formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise DataError(
            f"{shown(path)}: {image.width}x{image.height} is {image.width * image.height / 1e6:.0f} megapixels; "
            f"allowed: {MAX_PIXELS / 1e6:.0f}"
        )
    return image


def _decode_file(path: Path, file: BinaryIO) -> Image.Image:
    image = _opened(path, file)
    if image.format == "PNG" and image.mode != "I;16" and _png_bits(file) == 16:
        # Pillow keeps the high byte only; a mask of 0 and 1 would come out empty.
        raise DataError(f"{shown(path)}: 16 bits per colour channel; save it with 8")
    image.load()
    if image.mode == "P":
        image.convert("RGBA")  # a palette that is shorter than the list of its alphas is met here, and not later
    return ImageOps.exif_transpose(image)


def _png_bits(file: BinaryIO) -> int:
    """Returns the bit depth from a PNG's header (PNG specification, 11.2.1: byte 8 of IHDR, which opens the file)."""
    position = file.tell()
    file.seek(24)
    bits = file.read(1)[0]
    file.seek(position)
    return bits


def _without_alpha(path: Path, image: Image.Image) -> Image.Image:
    """Returns the image without its alpha channel, which must be 255 everywhere: what lies behind is unknown."""
    if image.mode not in ("RGBA", "LA") and "transparency" not in image.info:
        return image
    alpha = 0 if image.mode == "I;16" else image.convert("RGBA").getchannel("A").getextrema()[0]
    if alpha != 255:
        raise DataError(f"{shown(path)}: holds transparent pixels; save it without an alpha channel")
    image.info.pop("transparency", None)  # else Pillow would convert it to alpha again
    return image.convert({"RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode))


def _mask_values(path: Path, mask: Image.Image) -> npt.NDArray[np.int32]:
    """Returns (h, w) int32 class values of a decoded mask."""
    if mask.mode == "P" and (mask.getpalette("RGB") or [0, 0, 0])[:3] != [0, 0, 0]:
        raise DataError(
            f"{shown(path)}: a palette mask whose index 0 is not black: is that background? Save it as 8-bit grey"
        )
    if mask.mode in ("1", "L", "P", "I;16"):
        return np.asarray(mask).astype(np.int32)
    if mask.mode == "RGB":
        channels = np.asarray(mask).astype(np.int32)
        if _is_grey(channels):
            return channels[..., 0]
        raise DataError(
            f"{shown(path)}: a colour mask; edge-nas init NAME --data DIR makes numbers of colours, or save it as "
            "8-bit grey, 0 for background"
        )
    raise DataError(f"{shown(path)}: colour mode {mask.mode} is not read as a mask; save it as 8-bit grey")


def _is_grey(channels: npt.NDArray[np.integer[Any]]) -> bool:
    return bool((channels == channels[..., :1]).all())

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_nas.data import images
from edge_nas.data.images import open_image, open_mask, read_image, resize_image, resize_mask, shown
from edge_nas.errors import DataError, ResourceError

GREY, ALPHA_GREY, RGB, RGBA = 0, 4, 2, 6


def png(path: Path, colour_type: int, bits: int, width: int, rows: list[bytes]) -> Path:
    """Writes a PNG by hand, in modes that Pillow reads but does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, len(rows), bits, colour_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    return path


def pixels(path: Path) -> list[list[int]]:
    """Returns the RGB values of the one row of an image."""
    image = open_image(path)
    assert image.mode == "RGB"
    return np.asarray(image)[0].tolist()


def grey(*values: int) -> list[list[int]]:
    return [[value] * 3 for value in values]


class TestImageModes:
    def test_rgb_is_left_as_it_is(self, save) -> None:
        assert pixels(save("a.png", np.array([[[1, 2, 3], [250, 0, 9]]], np.uint8))) == [[1, 2, 3], [250, 0, 9]]

    def test_bmp(self, save) -> None:
        assert pixels(save("a.bmp", np.array([[[1, 2, 3], [250, 0, 9]]], np.uint8))) == [[1, 2, 3], [250, 0, 9]]

    def test_jpeg_of_one_colour(self, save) -> None:
        assert pixels(save("a.jpg", np.full((8, 8, 3), 128, np.uint8))) == grey(*[128] * 8)

    def test_grey_of_8_bits(self, save) -> None:
        assert pixels(save("a.png", np.array([[0, 7, 255]], np.uint8))) == grey(0, 7, 255)

    @pytest.mark.parametrize(
        ("bits", "row", "expected"),
        [(1, b"\xa0", (255, 0, 255)), (2, b"\x1b", (0, 85, 170)), (4, b"\x0f\x80", (0, 255, 136))],
    )
    def test_grey_of_few_bits_spans_the_whole_range(self, tmp_path: Path, bits, row, expected) -> None:
        assert pixels(png(tmp_path / "a.png", GREY, bits, 3, [row])) == grey(*expected)

    def test_grey_of_16_bits_is_scaled_not_saturated(self, tmp_path: Path) -> None:
        row = struct.pack(">6H", 0, 128, 129, 257, 32896, 65535)
        assert pixels(png(tmp_path / "a.png", GREY, 16, 6, [row])) == grey(0, 0, 1, 1, 128, 255)

    def test_palette_becomes_its_colours(self, save) -> None:
        path = save("a.png", np.array([[[200, 1, 2], [3, 4, 250]]], np.uint8), mode="P")
        with Image.open(path) as stored:
            assert stored.mode == "P"
            palette, indices = stored.getpalette("RGB"), np.asarray(stored)[0].tolist()
        assert pixels(path) == [palette[3 * index : 3 * index + 3] for index in indices]
        assert indices[0] != indices[1]

    @pytest.mark.parametrize("channels", [[9, 8, 7, 255], [9, 255]])
    def test_opaque_alpha_is_dropped(self, save, channels) -> None:
        path = save("a.png", np.array([[channels]], np.uint8))
        with Image.open(path) as stored:
            assert stored.mode == {4: "RGBA", 2: "LA"}[len(channels)]
        assert pixels(path) == [(channels[:-1] * 3)[:3]]

    @pytest.mark.parametrize("channels", [[9, 8, 7, 254], [9, 0]])
    def test_transparency_is_refused(self, save, channels) -> None:
        with pytest.raises(DataError, match=r"a\.png: holds transparent pixels"):
            open_image(save("a.png", np.array([[channels]], np.uint8)))

    def test_transparent_colour_is_refused_only_where_it_occurs(self, save) -> None:
        row = np.array([[[1, 1, 1], [5, 5, 5]]], np.uint8)
        assert pixels(save("a.png", row, transparency=(9, 9, 9))) == grey(1, 5)
        with pytest.raises(DataError, match="transparent"):
            open_image(save("b.png", row, transparency=(5, 5, 5)))

    def test_cmyk_is_refused(self, save) -> None:
        with pytest.raises(DataError, match=r"a\.jpg: colour mode CMYK has no exact RGB reading; save it as 8-bit RGB"):
            open_image(save("a.jpg", np.zeros((8, 8, 3), np.uint8), mode="CMYK"))

    @pytest.mark.parametrize(("colour_type", "samples"), [(RGB, 3), (RGBA, 4), (ALPHA_GREY, 2)])
    @pytest.mark.parametrize("read", [open_image, open_mask])
    def test_colour_of_16_bits_is_refused(self, tmp_path: Path, colour_type, samples, read) -> None:
        path = png(tmp_path / "a.png", colour_type, 16, 1, [b"\xff" * 2 * samples])
        with pytest.raises(DataError, match="16 bits per colour channel"):
            read(path)

    def test_exif_orientation_is_applied(self, save) -> None:
        row = np.array([[[1, 1, 1], [2, 2, 2], [3, 3, 3]]], np.uint8)
        exif = Image.Exif()
        exif[0x0112] = 3  # half a turn
        assert pixels(save("a.png", row, exif=exif)) == grey(3, 2, 1)
        exif[0x0112] = 6  # a quarter
        assert open_image(save("b.png", row, exif=exif)).size == (1, 3)


class TestMasks:
    def values(self, path: Path) -> list[int]:
        mask = open_mask(path)
        assert mask.mode == "L"
        return np.asarray(mask)[0].tolist()

    @pytest.mark.parametrize(
        ("row", "expected"),
        [([0, 255, 255], [0, 1, 1]), ([0, 1, 0], [0, 1, 0]), ([0, 0, 0], [0, 0, 0]), ([7, 7, 7], [1, 1, 1])],
    )
    def test_what_is_not_zero_is_foreground(self, save, row, expected) -> None:
        assert self.values(save("m.png", np.array([row], np.uint8))) == expected

    @pytest.mark.parametrize(
        ("row", "listed"), [([0, 1, 2], r"3 values \(0, 1, 2\)"), ([1, 2, 2], r"2 values \(1, 2\)")]
    )
    def test_other_values_are_refused(self, save, row, listed) -> None:
        with pytest.raises(DataError, match=rf"m\.png: the mask holds {listed}; allowed: 0 for background"):
            open_mask(save("m.png", np.array([row], np.uint8)))

    def test_many_values_are_listed_in_part(self, save) -> None:
        with pytest.raises(DataError, match=r"256 values \(0, 1, 2, 3, 4, \.\.\.\)"):
            open_mask(save("m.png", np.arange(256, dtype=np.uint8)[None]))

    def test_16_bits_keep_small_values(self, tmp_path: Path) -> None:
        assert self.values(png(tmp_path / "m.png", GREY, 16, 3, [struct.pack(">3H", 0, 1, 1)])) == [0, 1, 1]

    def test_one_bit(self, tmp_path: Path) -> None:
        assert self.values(png(tmp_path / "m.png", GREY, 1, 3, [b"\xa0"])) == [1, 0, 1]

    def test_equal_channels_are_read_as_grey_and_colours_refused(self, save) -> None:
        assert self.values(save("m.png", np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8))) == [0, 1]
        with pytest.raises(DataError, match="a colour mask"):
            open_mask(save("c.png", np.array([[[0, 0, 0], [128, 0, 0]]], np.uint8)))

    @pytest.mark.parametrize(("first", "allowed"), [((0, 0, 0), True), ((255, 255, 255), False)])
    def test_palette_masks_give_indices_if_index_0_is_black(self, tmp_path: Path, first, allowed) -> None:
        mask = Image.fromarray(np.array([[0, 1, 1]], np.uint8), "L")
        mask.putpalette([*first, 128, 0, 0])
        mask.save(tmp_path / "m.png")
        if allowed:
            assert self.values(tmp_path / "m.png") == [0, 1, 1]
        else:
            with pytest.raises(DataError, match="index 0 is not black"):
                open_mask(tmp_path / "m.png")


class TestResize:
    def test_box_is_the_mean_of_the_area(self) -> None:
        source = np.zeros((4, 4, 3), np.uint8)
        source[:2, :2] = [[[0, 10, 20], [40, 10, 20]], [[80, 10, 20], [120, 10, 24]]]
        reduced = resize_image(Image.fromarray(source), (2, 2, 3))
        assert reduced.tolist() == [[[60, 10, 21], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]]

    def test_nearest_takes_the_centre_and_invents_nothing(self) -> None:
        source = np.zeros((9, 9), np.uint8)
        source[4, 4] = source[1, 7] = source[0, 0] = 1
        assert resize_mask(Image.fromarray(source), (3, 3, 3)).tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0]]

    def test_height_comes_first(self, save) -> None:
        path = save("a.png", np.zeros((96, 128, 3), np.uint8))
        assert read_image(path, (48, 64, 3)).shape == (48, 64, 3)


class TestBadFiles:
    def test_absent(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"none\.png: no such file"):
            open_image(tmp_path / "none.png")

    @pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"BM", b"\xff\xd8\xff"])
    def test_no_image(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.png").write_bytes(content)
        with pytest.raises(DataError, match=r"a\.png: cannot be decoded as PNG, JPEG or BMP"):
            open_image(tmp_path / "a.png")

    def test_another_format_is_refused_whatever_its_name(self, save) -> None:
        with pytest.raises(DataError, match="cannot be decoded"):
            open_image(save("a.png", np.zeros((4, 4, 3), np.uint8), format="GIF"))

    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp"])
    def test_cut_short(self, save, suffix: str) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        path = save(f"a{suffix}", noise)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(DataError, match="corrupt or cut short"):
            open_image(path)

    def test_no_permission(self, save, monkeypatch) -> None:
        path = save("a.png", np.zeros((2, 2), np.uint8))

        def refuse(*_: object) -> None:  # a file mode would not stop root
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(ResourceError, match="no permission"):
            open_image(path)

    @pytest.mark.parametrize(("width", "height"), [(10_000, 6_401), (15_000, 15_000), (60_000, 60_000)])
    def test_too_many_pixels_are_refused_from_the_header(self, tmp_path: Path, width: int, height: int) -> None:
        path = png(tmp_path / "a.png", GREY, 8, width, [])
        data = bytearray(path.read_bytes())
        data[20:24] = struct.pack(">I", height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"a\.png: .*allowed: 64( megapixels)?$"):
            open_image(path)

    def test_the_limit_itself_is_allowed(self, save, monkeypatch) -> None:
        path = save("a.png", np.zeros((4, 8), np.uint8))
        monkeypatch.setattr(images, "MAX_PIXELS", 32)
        open_image(path)
        monkeypatch.setattr(images, "MAX_PIXELS", 31)
        with pytest.raises(DataError, match="8x4"):
            open_image(path)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP"])
    def test_mutants_are_read_or_refused_never_crash(self, tmp_path: Path, kind: str) -> None:
        rng = np.random.default_rng(0)
        stream = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6
        options = {} if kind == "BMP" else {"exif": exif}
        Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(stream, kind, **options)
        refused: list[str] = []
        for _ in range(300):
            data = bytearray(stream.getvalue())
            for position in rng.integers(0, min(len(data), 200), rng.integers(1, 5)):
                data[position] = rng.integers(256)
            path = tmp_path / "mutant"
            path.write_bytes(data[: rng.integers(1, len(data) + 1)] if rng.random() < 0.2 else data)
            try:
                assert open_image(path).mode == "RGB"
            except DataError as error:
                refused.append(str(error))
        assert len(refused) > 50
        assert all(message.startswith(f"{path}: ") for message in refused)


def test_names_are_shown_on_one_line() -> None:
    assert shown(Path("dir/a b é.png")) == "dir/a b é.png"
    assert shown("a\nb\udcff") == "a\\nb\\udcff"


def test_a_palette_with_more_alphas_than_colours_is_told_as_corrupt(tmp_path: Path) -> None:
    image = Image.fromarray(np.zeros((2, 2), np.uint8), "P")
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.save(tmp_path / "x.png", transparency=bytes(2))
    data = (tmp_path / "x.png").read_bytes()
    place = data.index(b"tRNS")
    chunk = b"tRNS" + bytes(300)
    longer = struct.pack(">I", 300) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (tmp_path / "x.png").write_bytes(data[: place - 4] + longer + data[place + 4 + 2 + 4 :])
    with pytest.raises(DataError, match=r"x\.png: cannot be decoded as PNG.*palette index out of range"):
        read_image(tmp_path / "x.png", (2, 2, 3))


class TestGrey:
    def test_grey_stays_what_it_is(self, save) -> None:
        values = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
        assert read_image(save("grey.png", values), (3, 4, 1))[..., 0].tolist() == values.tolist()
        deep = save("deep.png", values.astype(np.uint16) * 257)
        assert read_image(deep, (3, 4, 1))[..., 0].tolist() == values.tolist()

    def test_colours_become_their_luma(self, save) -> None:
        colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [102, 102, 102]]], np.uint8)
        luma = np.rint(colours @ [0.299, 0.587, 0.114])  # ITU-R BT.601-7, 2.5.1
        for mode in (None, "P"):
            grey = read_image(save(f"{mode}.png", colours, mode), (1, 4, 1))[..., 0]
            np.testing.assert_allclose(grey, luma, atol=1)

    def test_it_is_resized_as_colours_are(self, save) -> None:
        values = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
        path = save("large.png", values)
        np.testing.assert_array_equal(read_image(path, (4, 4, 1)), read_image(path, (4, 4, 3))[..., :1])

"""`edge-nas compile`."""

import json

import pytest
from int8graphs import random_graph

from edge_nas.cli.main import run
from edge_nas.errors import EdgeNasError
from edge_nas.int8.sketch import HALVING, Sketch


def test_compile_writes_the_files_and_tells_the_memory(tmp_path, capsys):
    model = tmp_path / "model.tflite"
    model.write_bytes(random_graph(1, single=True).data)
    assert run(["compile", str(model), "--out", str(tmp_path / "c")]) == 0
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == [
        "edge_intrinsics.h",
        "edge_model.c",
        "edge_model.h",
    ]
    printed = capsys.readouterr().out
    assert "bytes, input and output included" in printed
    assert "equal to the reference kernels on this machine, 8 frames" in printed


def test_compile_tells_what_the_c_is_predicted_to_take(tmp_path, capsys):
    model = tmp_path / "model.tflite"
    net = Sketch((8, 8, 3))
    model.write_bytes(net.finish(net.convolution(net.depthwise(net.convolution(net.input, 6, HALVING)), 8)))
    assert run(["compile", str(model), "--out", str(tmp_path / "c"), "--no-check", "--json"]) == 0
    predicted = json.loads(capsys.readouterr().out)["predicted"]["cortex-m4"]
    assert run(["compile", str(model), "--out", str(tmp_path / "c"), "--no-check"]) == 0
    line = f"{predicted['instructions']:>9,} instructions, {predicted['flash_bytes']:,} bytes of flash on cortex-m4"
    assert f"predicted  {line}" in capsys.readouterr().out
    # Nothing was counted of code for size.
    assert run(["compile", str(model), "--out", str(tmp_path / "c"), "--no-check", "--optimize", "size"]) == 0
    assert "predicted" not in capsys.readouterr().out


def test_no_check_is_said(tmp_path, capsys):
    model = tmp_path / "model.tflite"
    model.write_bytes(random_graph(1, single=True).data)
    assert run(["compile", str(model), "--out", str(tmp_path / "c"), "--no-check"]) == 0
    assert "not tried on this machine: --no-check" in capsys.readouterr().out


def test_wrong_c_is_not_written(tmp_path, capsys, monkeypatch):
    def wrong(*_):
        raise EdgeNasError("the C made of it is wrong")

    monkeypatch.setattr("edge_nas.verification.selfcheck.check_on_host", wrong)
    model = tmp_path / "model.tflite"
    model.write_bytes(random_graph(1, single=True).data)
    assert run(["compile", str(model), "--out", str(tmp_path / "c")]) == 1
    assert "the C made of it is wrong" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_compile_prints_json(tmp_path, capsys):
    model = tmp_path / "model.tflite"
    model.write_bytes(random_graph(1, single=True).data)
    assert run(["compile", str(model), "--out", str(tmp_path / "c"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["status"] == "ok"
    assert printed["arena_bytes"] > 0
    assert printed["host_check"] == {"inputs": 8, "skipped": None}
    assert [file["path"] for file in printed["files"]] == [
        str(tmp_path / "c" / name) for name in ("edge_model.c", "edge_model.h", "edge_intrinsics.h")
    ]


def test_a_bad_file_is_exit_code_3(tmp_path, capsys):
    model = tmp_path / "model.tflite"
    model.write_bytes(b"no model")
    assert run(["compile", str(model), "--out", str(tmp_path / "c")]) == 3
    assert "not a valid .tflite file" in capsys.readouterr().err


def test_an_unknown_aim_is_named_with_the_known_ones(tmp_path, capsys):
    model = tmp_path / "model.tflite"
    model.write_bytes(random_graph(1, single=True).data)
    arguments = ["compile", str(model), "--out", str(tmp_path / "c"), "--optimize"]
    assert run([*arguments, "size"]) == 0
    assert run([*arguments, "flash"]) == 2
    assert "--optimize is 'flash'; it is one of: speed, size" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "code", "message"),
    [
        ("none.tflite", 3, "none.tflite: no such file; a run that has been exported, or a .tflite file, is expected"),
        (".", 2, "is not a run: it has no manifest.json; name a run folder or a .tflite file"),
    ],
)
def test_what_is_no_file_is_told(named, code, message, tmp_path, capsys):
    assert run(["compile", str(tmp_path / named), "--out", str(tmp_path / "c")]) == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "c").exists()

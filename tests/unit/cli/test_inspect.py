import json
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import onnx
import pytest
from int8graphs.ends import several_ends
from int8graphs.single import Given, single

from edge_nas.boards import load_board
from edge_nas.cli.main import run
from edge_nas.costs.boards import with_needs
from edge_nas.costs.prediction import predict_cost
from edge_nas.int8.inspection import inspect_tflite
from edge_nas.int8.intake import open_tflite_path
from edge_nas.int8.sketch import HALVING, Sketch

LIMIT_S = 1.5


def test_it_shows_operators_sizes_and_where_memory_peaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "several.tflite"
    path.write_bytes(several_ends())
    assert run(["inspect", str(path), "--json", "--board", "all"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [operator["kind"] for operator in told["operators"]][:3] == ["QUANTIZE", "QUANTIZE", "ADD"]
    # While the last operator runs: both other outputs' 35 codes, and 35 reals.
    assert told["operators"][-1]["live_bytes"] == 35 + 35 + 140
    assert told["peak_ram_bytes"] == max(operator["live_bytes"] for operator in told["operators"])
    assert all(operator["refused"] is None for operator in told["operators"])
    assert all(board["fits"] for board in told["boards"])
    assert run(["inspect", str(path)]) == 0
    text = capsys.readouterr().out
    assert "every operator is compiled" in text
    assert "#" * 24 in text


def test_a_refused_operator_is_marked_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "softmax.tflite"
    path.write_bytes(single("SOFTMAX", [Given((1, 3))], Given((1, 3), 1 / 128, -128), {"Beta": 1.0}).data)
    assert run(["inspect", str(path)]) == 0
    text = capsys.readouterr().out
    assert "!   0 SOFTMAX" in text
    assert "supported: 1/256 and -128" in text


def test_what_does_not_fit_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.tflite"
    shape = (1, 1200, 1200, 1)
    path.write_bytes(single("RELU", [Given(shape)], Given(shape), {}).data)
    assert run(["inspect", str(path), "--board", "stm32l4r5"]) == 4
    shown = capsys.readouterr()
    assert "DOES NOT FIT" in shown.out
    assert "stm32l4r5: the network does not fit" in shown.err
    assert run(["inspect", str(path), "--board", "stm32l4r5", "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["boards"][0]["needed_sram_bytes"] >= 1200 * 1200
    # All boards are a table to choose from: none of them was asked to be large enough.
    assert run(["inspect", str(path), "--board", "all"]) == 0


def test_a_board_fits_by_the_rows_that_the_c_holds_not_by_whole_tensors(tmp_path: Path) -> None:
    net = Sketch((64, 64, 3))
    path = tmp_path / "net.tflite"
    path.write_bytes(net.finish(net.dense(net.mean(net.convolution(net.convolution(net.input, 16), 8)), 2)))
    board = load_board("nrf52840")
    assert board.sram_bytes is not None
    opened = open_tflite_path(path)
    file = inspect_tflite(opened, "net", [board])
    arena = with_needs(file, opened.data, [board]).arena_bytes
    assert arena is not None
    assert arena < file.peak_ram_bytes

    def fits(sram: int) -> bool:
        fact = board.sram_bytes.model_copy(update={"value": sram})
        smaller = board.model_copy(update={"sram_bytes": fact})
        return with_needs(inspect_tflite(opened, "net", [smaller]), opened.data, [smaller]).boards[0].fits

    assert fits(arena)  # less than the tensors that TFLite holds at once
    assert not fits(arena - 1)


def test_a_file_that_is_not_there_is_a_bad_input(tmp_path: Path) -> None:
    assert run(["inspect", str(tmp_path / "none.tflite")]) == 3


def test_it_loads_no_tensorflow_and_is_quick(tmp_path: Path) -> None:
    path = tmp_path / "several.tflite"
    path.write_bytes(several_ends())
    probe = (
        "import sys; from edge_nas.cli.main import run; code = run(['inspect', sys.argv[1]]); "
        "sys.exit(code or 'tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", probe, str(path)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    begin = time.process_time()
    assert run(["inspect", str(path)]) == 0
    assert time.process_time() - begin < LIMIT_S


def test_a_time_is_predicted_where_the_core_and_the_kernels_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = Sketch((16, 16, 3))
    path = tmp_path / "net.tflite"
    path.write_bytes(net.finish(net.dense(net.mean(net.convolution(net.input, 8, HALVING)), 5)))
    assert run(["inspect", str(path), "--json", "--board", "all"]) == 0
    told = json.loads(capsys.readouterr().out)
    boards = {board["board"]: board for board in told["boards"]}
    assert all((board["milliseconds"] is None) != (board["unpredicted"] is None) for board in boards.values())
    # The arena and the cost are those of the plan that `compile` would write.
    cost = predict_cost(path, "cortex-m4")
    nrf52840 = boards["nrf52840"]
    assert (nrf52840["instructions"], nrf52840["needed_flash_bytes"]) == (cost.instructions, cost.flash_bytes)
    assert {board["needed_sram_bytes"] for board in boards.values()} == {told["arena_bytes"]}
    assert run(["inspect", str(path), "--board", "nrf52840"]) == 0
    text = capsys.readouterr().out
    shares = [float(line.split(" %")[0]) for line in text.split("instructions go\n")[1].splitlines()]
    assert shares == sorted(shares, reverse=True)
    assert 99 < sum(shares) <= 100.2
    assert all(len(line) <= 80 for line in text.splitlines() if str(path) not in line)


def test_memory_is_drawn_as_svg(tmp_path: Path) -> None:
    path, picture = tmp_path / "a & b.tflite", tmp_path / "memory.svg"
    path.write_bytes(several_ends())
    assert run(["inspect", str(path), "--svg", str(picture)]) == 0
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("a & b.tflite" in text for text in texts)
    assert "2 ADD  1 x 5 x 7" in texts
    longest = [element for element in root.iter("{http://www.w3.org/2000/svg}rect") if element.get("width") == "320.0"]
    assert {each.get("fill") for each in longest} == {"#b85a00"}  # as many as have the peak


def test_an_onnx_file_has_operators_and_multiplications(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make = onnx.helper
    image, output = (
        make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in (("x", [None, 3, 8, 8]), ("y", [None, 4, 6, 6]))
    )
    weights = make.make_tensor("w", onnx.TensorProto.FLOAT, [4, 3, 3, 3], [0.5] * 108)
    nodes = [make.make_node("Conv", ["x", "w"], ["z"]), make.make_node("Relu", ["z"], ["y"])]
    path = tmp_path / "net.onnx"
    onnx.save(make.make_model(make.make_graph(nodes, "net", [image], [output], [weights])), str(path))
    assert run(["inspect", str(path), "--json", "--board", "stm32l4r5"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["kind"], each["macs"]) for each in told["operators"]] == [("Conv", 4 * 36 * 27), ("Relu", 0)]
    assert told["operators"][0]["live_bytes"] == 4 * (3 * 64 + 4 * 36)
    assert told["constant_bytes"] == 4 * 108
    assert told["boards"][0]["fits"]
    assert run(["inspect", str(path)]) == 0
    assert "ONNX is not compiled" in capsys.readouterr().out
    path.write_bytes(b"no")
    assert run(["inspect", str(path)]) == 3


def test_a_keras_file_and_a_run_are_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import tf_keras

    layers = tf_keras.layers
    model = tf_keras.Sequential([layers.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)])
    path = tmp_path / "net.keras"
    model.save(path)
    assert run(["inspect", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["macs"] == 36 * 4 * 27 + 144 * 2
    assert told["not_compiled"].startswith("a Keras model is no int8 file yet")
    shipped = tmp_path / "run" / "artifacts" / "model.tflite"
    shipped.parent.mkdir(parents=True)
    shipped.write_bytes(several_ends())
    assert run(["inspect", str(tmp_path / "run"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["operators"][2]["kind"] == "ADD"

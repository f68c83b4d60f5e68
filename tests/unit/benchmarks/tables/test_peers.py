from benchmarks.tables.peers import Row, peers_table


def test_a_refusal_stands_in_the_place_of_counts() -> None:
    taken = Row(
        model="a.tflite", generator="x 1", refusal=None, instructions=1000, flash_bytes=20, ram_bytes=3, equal=0.5
    )
    refused = Row(model="b.tflite", generator="x 1", refusal="no | " + "long " * 40)
    lines = peers_table([taken, refused]).splitlines()
    assert lines[2] == "| a.tflite | x 1 | 1,000 | 20 | 3 | 50.0% |  |"
    assert lines[3].startswith("| b.tflite | x 1 |  |  |  |  | no / long ")
    assert lines[3].endswith("... |")

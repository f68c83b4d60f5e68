from edge_nas.cli.columns import labelled


def test_a_line_breaks_between_words_and_stays_under_its_label() -> None:
    text = labelled("board", "stm32l4r5, SRAM 17 of 640 KiB, flash 17 of 2,048 KiB", columns=40)
    assert text.splitlines() == [
        "board     stm32l4r5, SRAM 17 of 640 KiB,",
        "          flash 17 of 2,048 KiB",
    ]


def test_a_path_is_never_broken() -> None:
    path = "/a/folder/whose-name-is-longer/than-any-line.yaml"
    assert labelled("settings", path, columns=30).split() == ["settings", path]


def test_in_a_pipe_a_line_is_a_line() -> None:
    assert labelled("note", "word " * 60, columns=None).count("\n") == 0


def test_a_label_as_long_as_its_column_is_followed_by_a_space() -> None:
    assert labelled("test accuracy", "0.870 int8", width=12) == "test accuracy 0.870 int8"

from edge_nas.codegen.operators.pairing import joined_dimensions, spread_strides


def test_dimensions_are_one_where_no_stride_changes_between_them() -> None:
    # An image of 5 x 6 x 7 and a number for each channel: rows and columns are 30 pixels.
    strides = [spread_strides(shape, (5, 6, 7)) for shape in ((5, 6, 7), (1, 1, 7))]
    assert joined_dimensions((1, 5, 6, 7), strides) == ((1, 1, 30, 7), [(0, 0, 7, 1), (0, 0, 0, 1)])
    # Two tensors of one shape are one row.
    assert joined_dimensions((1, 5, 6, 7), strides[:1]) == ((1, 1, 1, 210), [(0, 0, 0, 1)])
    # A number for each pixel: of a row, it is read seven times.
    strides = [spread_strides(shape, (5, 6, 7)) for shape in ((5, 6, 7), (5, 6, 1))]
    assert joined_dimensions((1, 5, 6, 7), strides) == ((1, 1, 30, 7), [(0, 0, 7, 1), (0, 0, 1, 0)])


def test_dimensions_of_one_element_are_left_out() -> None:
    assert joined_dimensions((1, 1, 1, 1), [(9, 8, 7, 6)]) == ((1, 1, 1, 1), [(0, 0, 0, 9)])
    assert joined_dimensions((4, 1, 3), [(5, 99, 1)]) == ((1, 4, 3), [(0, 5, 1)])

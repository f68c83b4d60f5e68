"""A network is refused before its training where it does not answer what is asked."""

from dataclasses import replace

import numpy as np
import pytest

from edge_nas.core.config import ModelSpec
from edge_nas.data.dataset import Dataset
from edge_nas.errors import ConfigError, GraphError
from edge_nas.tasks import Classification, Segmentation
from edge_nas.training.untrained import untrained_network


@pytest.mark.parametrize(
    ("task", "arguments", "message"),
    [
        (Segmentation(("a", "b", "c")), {"outputs": 2}, r"needs \(16, 16, 3\)\. Give .* such as Conv2D\(3, 1\)"),
        (
            Classification(("a", "b", "c")),
            {},
            r"model 'fast_u': for a sample \(16, 16, 3\) the output has shape \(16, 16, 3\); task 'classification' "
            r"needs \(3,\)\. terrain_net, nano_u, fast_u and bu_net answer for every pixel\. Give .* as Dense\(3\)",
        ),
    ],
)
def test_a_wrong_number_of_outputs_is_refused(easy_dataset, task, arguments, message) -> None:
    labels = {True: lambda split: split.labels, False: lambda split: np.zeros(len(split), np.int32)}[task.has_masks]
    data = Dataset(
        *(replace(split, labels=labels(split), task=task) for split in (easy_dataset.train, easy_dataset.val))
    )
    spec = ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1, **arguments})
    with pytest.raises(ConfigError, match=message):
        untrained_network(spec, data.train.images.shape[1:], 0, task)


def test_samples_that_a_network_cannot_take_are_told_with_the_keys_of_both(easy_dataset) -> None:
    with pytest.raises(GraphError, match=r"model\.name=nano_u with data\.input_shape=\[2, 64, 3\]: ") as told:
        untrained_network(ModelSpec(name="nano_u"), (2, 64, 3), 0, easy_dataset.task)
    assert "function_node" not in str(told.value)

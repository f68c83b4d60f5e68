"""What the pruning benchmarks prune, and on what: the U-Net and the camvid_road images."""

import argparse
from typing import NamedTuple

import numpy as np
import tf_keras

from benchmarks.lib.unet_camvid import unet_camvid
from edge_nas.core.config import DataSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.graph.flatten import flatten
from edge_nas.runtimes.keras import KerasRuntime


class Subject(NamedTuple):
    """A network, calibration inputs (N, H, W, 3) with their masks, which only some criteria look at, and the data."""

    model: tf_keras.Model
    inputs: np.ndarray
    labels: np.ndarray
    dataset: Dataset

    def miou(self, network: tf_keras.Model) -> float:
        """Returns mIoU on val, 0 to 1."""
        return evaluate(KerasRuntime(network).run, self.dataset).val.metrics.miou or 0.0


def load_subject(options: argparse.Namespace) -> Subject:
    """Returns the network and the images that `weights`, `data`, `calibration_images` and `seed` name."""
    dataset = load_dataset(DataSpec(source="folder", root=str(options.data)))
    calibration = dataset.calibration_set(options.calibration_images, options.seed)
    inputs = Preprocessing().apply(calibration.images)
    return Subject(flatten(unet_camvid(options.weights)), inputs, calibration.masks, dataset)

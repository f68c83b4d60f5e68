"""What the pruning benchmarks prune, and on what: the U-Net and the camvid_road images."""

import argparse
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from benchmarks.lib.scores import miou_on_val
from benchmarks.lib.unet_camvid import unet_camvid
from edge_nas.data.dataset import Dataset
from edge_nas.data.folder import FolderSource
from edge_nas.data.loader import load_dataset
from edge_nas.graph.flatten import flatten
from edge_nas.runtimes.keras import KerasRuntime


class Subject(NamedTuple):
    """A network, calibration inputs (N, H, W, 3) float32, their masks (N, H, W) and drives, and the data they are from.

    Only some criteria look at the masks.
    """

    model: tf_keras.Model
    inputs: npt.NDArray[np.float32]
    labels: npt.NDArray[Any]
    groups: tuple[str, ...] | None
    dataset: Dataset

    def miou(self, network: tf_keras.Model) -> float:
        """Returns mIoU on val, 0 to 1."""
        return miou_on_val(KerasRuntime(network).run, self.dataset)


def load_subject(options: argparse.Namespace) -> Subject:
    """Returns the network and the images that `weights`, `data`, `calibration_images` and `seed` name."""
    dataset = load_dataset(FolderSource(root=str(options.data)))
    calibration = dataset.calibration_set(options.calibration_images, options.seed)
    inputs = calibration.inputs()
    return Subject(flatten(unet_camvid(options.weights)), inputs, calibration.masks, calibration.groups, dataset)

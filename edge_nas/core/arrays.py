"""Types of the arrays that are computed with."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
"""What is solved, summed or compared: float64, so that sums over a whole calibration set keep their digits."""
Floats = npt.NDArray[np.floating]
"""Weights and rows as they come, float32 from Keras, float64 from a computation of ours."""
Inputs = npt.NDArray[np.float32]
"""Inputs of a network or of a layer, (N, ..., channels) float32."""
Outputs = npt.NDArray[np.float32]
"""What a network gives for inputs, (N, ...) float32."""
Pixels = npt.NDArray[np.uint8]
"""Pictures (N, H, W, C) or one (H, W, C), of 1 channel grey or 3 RGB; masks without the last axis."""
Samples = npt.NDArray[Any]
"""Samples (N, ...) or one (...), stored as one of `edge_nas.core.samples.DTYPES`."""
Codes = npt.NDArray[np.int8]
"""int8 codes of weights."""
Places = npt.NDArray[np.intp]
"""Indices into an axis."""

"""A .tflite file as frozen values: its graph, its arithmetic, its memory and its cost, without TensorFlow."""

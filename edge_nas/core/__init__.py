"""What everything else stands on: types, configuration, run folder; no TensorFlow."""

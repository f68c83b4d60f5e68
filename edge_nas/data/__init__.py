"""Images and masks: read from a folder or generated, split, augmented, hashed. TensorFlow: `augmentation` alone."""

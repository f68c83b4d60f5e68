"""A build of stages without work, to be broken at each of its operations on the disk: `python -m diskfaults FOLDER`.

TensorFlow is not loaded, so that a process can be forked for every fault. Prints, as JSON, what each scenario came to.
"""

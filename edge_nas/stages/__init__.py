"""The stages of a build, one file each: what the stage reads, needs and hands on, and the function that does its work.

    STAGE = Stage(name="train", number=1, function=train, output=TrainOutput, reads=(...), needs=())

A new stage is a new file here with such a `STAGE`; `table` finds it, and the report shows what its section says of it.
None of these modules loads TensorFlow: what a stage's work needs is imported inside its function.
"""

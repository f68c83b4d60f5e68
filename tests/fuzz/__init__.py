"""Mutants of every kind of file that a user can hand in, and the commands that read them: `python -m fuzz --help`.

changes     what is done to bytes, to trees of values, to tables of a .tflite file and messages of an .onnx file
subjects    the whole files that mutants are made of, each with its command line
__main__    runs the commands, many in one process, and says how each ended

A mutant is known by its number: the same number always makes the same file.
"""

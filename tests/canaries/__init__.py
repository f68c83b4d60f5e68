"""Hostile files of every kind, and the tracer that watches the commands which read them: `python -m canaries --help`.

keras_files, networks, settings, data_sets, run_folders    make the files
case                                                       what a case is, and the folders that it plays in
__main__                                                   runs the commands, many in one process
trace                                                      reads what strace wrote, and says what should not be
"""

"""`python -m interrupted RUN`: the command `edge-nas build --run RUN` with stages that work for a tenth of a second."""

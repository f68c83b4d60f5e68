"""`python -m interrupted`: `edge-nas build --run RUN` over and over, with stages that work for a tenth of a second."""

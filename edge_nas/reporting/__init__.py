"""One HTML file that tells all of a build and opens offline: `render(material, samples(...))`."""

from edge_nas.reporting.material import Material
from edge_nas.reporting.page import render
from edge_nas.reporting.pictures import Samples, samples

__all__ = ["Material", "Samples", "render", "samples"]

"""One HTML file that tells all of a build offline, `render(material, samples(...))`, and the network's card."""

from edge_nas.reporting.material import Material
from edge_nas.reporting.modelcard import model_card
from edge_nas.reporting.page import render
from edge_nas.reporting.pictures import Samples, samples

__all__ = ["Material", "Samples", "model_card", "render", "samples"]

"""The page: its template, filled with every section."""

from importlib import resources

import jinja2

from edge_nas.core.configfile import dump_config
from edge_nas.reporting import sections
from edge_nas.reporting.drawing import channel_colours
from edge_nas.reporting.formats import FILTERS
from edge_nas.reporting.material import Material
from edge_nas.reporting.microcontroller import microcontroller
from edge_nas.reporting.pictures import Samples
from edge_nas.reporting.summary import difference, summarize

_TEMPLATE = "report.html.j2"


def render(material: Material, drawn: Samples) -> str:
    """Returns the page."""
    return (
        environment()
        .get_template(_TEMPLATE)
        .render(
            material=material,
            samples=drawn,
            colours=channel_colours(material.dataset.format),
            summary=summarize(material),
            training=sections.training(material),
            redundancy=sections.redundancy(material),
            widths=sections.widths(material),
            latency=sections.latency(material),
            microcontroller=microcontroller(material),
            shipped=sections.shipped_files(material),
            kept=sections.stage_files(material),
            provenance=sections.provenance(material),
            settings=dump_config(material.config),
        )
    )


def environment() -> jinja2.Environment:
    """Returns what fills this package's templates, with `FILTERS`."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals["difference"] = difference
    return environment


def _text(name: str) -> str:
    """Returns a template of this package."""
    return (resources.files("edge_nas.reporting") / "templates" / name).read_text(encoding="utf-8")

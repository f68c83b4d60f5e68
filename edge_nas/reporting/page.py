"""The page: its template, filled with every section."""

import base64
import hashlib
from importlib import resources

import jinja2
from markupsafe import Markup

from edge_nas.core.configfile import dump_config
from edge_nas.reporting import sections
from edge_nas.reporting.drawing import channel_colours
from edge_nas.reporting.formats import FILTERS
from edge_nas.reporting.material import Material
from edge_nas.reporting.microcontroller import microcontroller
from edge_nas.reporting.pictures import Samples
from edge_nas.reporting.summary import difference, summarize

_TEMPLATE, _SCRIPT = "report.html.j2", "sort.js"


def render(material: Material, drawn: Samples) -> str:
    """Returns the page."""
    script = template_text(_SCRIPT)
    return (
        environment()
        .get_template(_TEMPLATE)
        .render(
            script=Markup(script),  # noqa: S704 - a file of this package
            script_hash=_script_hash(script),
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
        loader=jinja2.FunctionLoader(template_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals["difference"] = difference
    return environment


def _script_hash(script: str) -> str:
    """Returns what the page's policy calls its only script: no other one runs, wherever it comes from."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def template_text(name: str) -> str:
    """Returns a template of this package."""
    return (resources.files("edge_nas.reporting") / "templates" / name).read_text(encoding="utf-8")

"""model_card.md: what the network is, how good, for which board, and what to be careful about; for who gets the files.

Everything in it was measured by the build. What it is meant for, only its maker can say: the card has no field for it.
"""

import jinja2

from edge_nas.reporting import formats, sections
from edge_nas.reporting.material import Material
from edge_nas.reporting.page import template_text
from edge_nas.reporting.summary import summarize
from edge_nas.results.spread import standard_error

_TEMPLATE = "model_card.md.j2"


def model_card(material: Material) -> str:
    """Returns the card, Markdown."""
    summary, data = summarize(material), material.dataset
    int8 = material.quantize.evaluation.reported
    error = standard_error(int8.left_out)
    spread = None
    if error is not None:
        spread = (
            f"The standard error of {int8.metrics.heading} over the {data.format.noun}s is {error:.3f}: other "
            f"{data.format.noun}s of the same kind would have given a score that differs by about as much."
        )
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(template_text),
        autoescape=False,  # noqa: S701 - Markdown; `cell` keeps text in its cell
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = cell
    return environment.get_template(_TEMPLATE).render(
        config=material.config,
        sentence=_sentence(material),
        facts=_facts(material),
        int8=int8,
        noun=data.format.noun,
        headings=list(int8.metrics.shown),
        rows=[
            (
                f"**{row.name}**" if row.name == "int8" else row.name,
                [formats.score(value) for value in row.evaluation.metrics.shown.values()],
            )
            for row in summary.rows
        ],
        spread=spread,
        cautions=summary.cautions,
        splits=summary.splits,
        files=sections.shipped_files(material),
        dataset_sha256=sections.provenance(material).dataset_sha256,
        version=sections.provenance(material).edge_nas,
    )


def _sentence(material: Material) -> str:
    data = material.dataset
    shape = " x ".join(map(str, data.format.shape))
    classes: tuple[str, ...] = getattr(data.task, "classes", ())
    named = f" into {', '.join(classes)}" if classes else ""
    return cell(
        f"A network for {data.task.name.replace('_', ' ')}{named}: {material.config.model.name}, pruned and int8, for "
        f"{data.format.noun}s of {shape} {data.format.dtype}, from {material.config.data.phrase}."
    )


def _facts(material: Material) -> list[tuple[str, str]]:
    bundle, cost = material.deploy, material.quantize.cost
    facts = [("board", bundle.board)]
    for line in bundle.budget:
        least = "at least " if line.basis.startswith("a lower bound") else ""
        limit = "no limit" if line.available_bytes is None else f"of {line.available_bytes:,}"
        facts.append((f"{line.memory}, bytes", f"{least}{line.needed_bytes:,} {limit}"))
    if bundle.latency is not None:
        latency = bundle.latency
        error = formats.estimate_error(latency.error_percent)
        of_what = f"{latency.instructions:,} instructions at {latency.clock_mhz} MHz"
        facts.append(("time per inference", f"{latency.milliseconds:.3g} ms, an estimate ({error}): {of_what}"))
    facts.append(("parameters, multiply-accumulates", f"{cost.params:,}, {cost.macs:,}"))
    proof = material.result.proof
    if proof is not None:
        cores = f" and on {proof.core_inputs} on each of {', '.join(proof.cores)}" if proof.cores else ""
        facts.append(("every byte equal to the reference kernels", f"C on {proof.host_inputs:,} inputs here{cores}"))
    return facts


def cell(text: str) -> str:
    """Returns text as it may stand in a cell of a table: one line, and no mark that ends a cell or begins HTML."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")

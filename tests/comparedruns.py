"""Runs that were never built: a result, the record of a quantization and a configuration, for `edge-nas compare`."""

from pathlib import Path

from sampleoutputs import SampleOutputs

from edge_nas.core.atomic import write_json
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.results.costs import Pace
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.result import CoreResult, assemble
from edge_nas.results.scores import Evaluations
from edge_nas.runs.record import StageRecord


def write_run(
    run: Path,
    outputs: SampleOutputs,
    *,
    left_out: tuple[float, ...] = (0.86, 0.88, 0.87),
    instructions: int = 2_500_000,
    sram_bytes: int = 20_000,
    settings: tuple[str, ...] = (),
    board: str = "nrf52840",
) -> Path:
    """Writes a run whose shipped network scores `left_out` without each of its blocks, and their mean with all."""
    (run / "04_quantize").mkdir(parents=True)
    reported = outputs.quantize.evaluation.reported
    metrics = reported.metrics.model_copy(update={"miou": sum(left_out) / len(left_out)})
    reported = reported.model_copy(update={"left_out": left_out, "metrics": metrics})
    quantized = outputs.quantize.model_copy(update={"evaluation": Evaluations(val=reported, reported=reported)})
    others = [output for output in outputs.all() if not isinstance(output, QuantizeOutput | DeploymentBundle)]
    core = CoreResult(
        bytes_equal=True,
        instructions=instructions,
        flash_bytes=12_000,
        ram_bytes=sram_bytes - 100,
        stack_bytes=100,
        pace=Pace(cycles_per_instruction=1.5, flash_bytes_per_instruction=0.5),
        skipped=None,
    )
    result = assemble(run.name, [*others, quantized], {}).model_copy(update={"cores": {"cortex-m4": core}})
    write_json(run / "result.json", result.to_data())
    record = StageRecord(
        stage="quantize", key="k", seconds=1.0, versions={}, output=quantized.to_data(), files={}, published={}
    )
    write_json(run / "04_quantize/stage.json", record.sealed().to_data())
    config = load_config(None, [f"name={run.name}", f"deploy.board={board}", *settings])
    (run / "config.yaml").write_text(dump_config(config))
    return run

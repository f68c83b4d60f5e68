"""The child of `edge_nas.runtimes.reference`: the outputs of a file for the frames given, or why there are none."""

from collections.abc import Sequence
from typing import Any

from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edge_nas.runtimes.childtensors import Stored, answer_one, described, described_tensors, frames_of, tensor_bytes


def reference_outputs(
    model: bytes, inputs: Sequence[Stored], inside: Sequence[int] | None = None, *, apart: bool = False
) -> list[Stored]:
    """Returns a tensor (N, ...) for each output, in this process; or for each tensor whose index is in `inside`.

    Frames are successive calls, or, `apart`, each the first after a reset.

    Raises:
        ValueError: LiteRT does not take the file or the inputs, as the message says.
    """
    try:
        interpreter = Interpreter(
            model_content=model,
            num_threads=1,
            experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
            experimental_preserve_all_tensors=inside is not None,
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"LiteRT cannot load it: {error}") from error
    takes = interpreter.get_input_details()
    given = [details["index"] for details in interpreter.get_output_details()] if inside is None else inside
    if len(inputs) != len(takes):
        raise ValueError(f"{len(inputs)} inputs are given, the file takes {len(takes)}")
    outputs: list[list[Stored]] = [[] for _ in given]
    for frame in range(len(inputs[0])):
        try:
            if apart:
                interpreter.reset_all_variables()
            for details, values in zip(takes, inputs, strict=True):
                interpreter.set_tensor(details["index"], values[frame : frame + 1])
            interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"LiteRT cannot run it: {error}") from error
        for index, parts in zip(given, outputs, strict=True):
            parts.append(interpreter.get_tensor(index))
    return [frames_of(parts) for parts in outputs]


def _answer(question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    model, rest = body[: question["model_bytes"]], body[question["model_bytes"] :]
    try:
        inputs = described_tensors(question["inputs"], rest)
        outputs = reference_outputs(model, inputs, question["inside"], apart=question["apart"])
    except ValueError as error:
        return {"error": str(error)}, b""
    return {"outputs": described(outputs)}, tensor_bytes(outputs)


if __name__ == "__main__":
    answer_one(_answer)

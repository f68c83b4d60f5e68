"""Whole random graphs: a chain of layers whose older tensors are used again, one input or two, one output or two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from int8graphs.draft import Activation, Draft
from int8graphs.layers import KINDS, add_layer


@dataclass(frozen=True)
class RandomGraph:
    """A file and what is known of it; shapes have their batch of 1 in front."""

    data: bytes
    kinds: tuple[str, ...]
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]


def random_graph(seed: int, kinds: Sequence[str] = tuple(KINDS), *, single: bool = False) -> RandomGraph:
    """Returns the graph of a seed, of two to eight operators or more.

    Successive seeds walk through the kinds, so that as many seeds as there are kinds hold each at least once or nearly
    so (a layer that does not suit its inputs is left out).

    Args:
        seed: any number; the same gives the same bytes.
        kinds: the kinds to draw from; where they are few, QUANTIZE may come in addition.
        single: True for one network input and one output.
    """
    draft = Draft(np.random.default_rng(seed))
    inputs = [_image(draft)]
    if not single and draft.chance(0.2):
        inputs.append(draft.activation(inputs[0].shape))
    known = list(inputs)
    wanted = [kinds[seed % len(kinds)], *draft.generator.choice(list(kinds), draft.integer(2, 7))]
    draft.generator.shuffle(wanted)
    for kind in wanted:
        output = add_layer(draft, str(kind), known)
        if output is not None:
            known.append(output)
    if len(known) == len(inputs):
        known.append(draft.operator("QUANTIZE", [known[-1].index], draft.activation(known[-1].shape), {}))
    outputs = [known[-1]]
    if not single and len(known) > len(inputs) + 1 and draft.chance(0.2):
        outputs.append(known[-2])
    return finish(draft, inputs, outputs)


def finish(draft: Draft, inputs: Sequence[Activation], outputs: Sequence[Activation]) -> RandomGraph:
    """Returns the graph of a draft."""
    data = draft.writer.finish([source.index for source in inputs], [output.index for output in outputs])
    shapes = (tuple(tensor.shape for tensor in tensors) for tensors in (inputs, outputs))
    return RandomGraph(data, tuple(draft.kinds), *shapes)


def probe_inputs(graph: RandomGraph, seed: int = 0, count: int = 3) -> list[np.ndarray]:
    """Returns one (count + 3, ...) int8 per network input: all -128, all 127, a ramp, then random codes."""
    generator = np.random.default_rng(seed)
    batches = []
    for shape in graph.input_shapes:
        size = int(np.prod(shape))
        ramp = (np.arange(size) % 256 - 128).astype(np.int8).reshape(shape)
        low, high = np.full(shape, -128, np.int8), np.full(shape, 127, np.int8)
        batches.append(np.concatenate([low, high, ramp, generator.integers(-128, 128, (count, *shape[1:]), np.int8)]))
    return batches


def _image(draft: Draft) -> Activation:
    return draft.activation((1, draft.integer(1, 11), draft.integer(1, 11), draft.integer(1, 33)))

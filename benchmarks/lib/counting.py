"""Networks counted on an emulated core, kept on disk: what was counted of the same C is not counted again."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.lib.networks import RandomNetwork
from edge_nas.codegen.compile import compile_tflite, plan_network
from edge_nas.codegen.conditions import text_for
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import InstructionSet
from edge_nas.core.hashing import sha256_bytes
from edge_nas.emulation.cores import OPTIMIZATION, EmulatedCore
from edge_nas.emulation.image import ImageSizes
from edge_nas.emulation.profile import Profile, profile_on_core
from edge_nas.emulation.tools import tool_version
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.results.compile import CompiledModel

INSTRUCTION_SETS: Mapping[str, InstructionSet | None] = {
    "cortex-m0plus": "thumb",
    "cortex-m3": None,
    "cortex-m4": "dsp",
    "cortex-m7": "dsp",
    "cortex-m33": "dsp",
    "cortex-m55": "helium",
    "rv32imac": None,
}


@dataclass(frozen=True)
class CountedNetwork:
    """A random network, its plan, and what its first frame took on a core; `keeps_state`: over calls."""

    network: RandomNetwork
    plan: Plan
    macs: int
    profile: Profile
    keeps_state: bool = False


@dataclass(frozen=True)
class PreparedNetwork:
    """A random network, its plan and its C, which are the same for all cores."""

    network: RandomNetwork
    plan: Plan
    compiled: CompiledModel
    macs: int


def prepare(network: RandomNetwork, arena_limit: int | None = None) -> PreparedNetwork:
    """Returns a network with its C; `arena_limit`: see `compile_tflite`."""
    graph = read_tflite(network.data, network.family)
    plan = plan_network(Int8Interpreter(graph), arena_limit=arena_limit).plan
    compiled = compile_tflite(network.data, arena_limit=arena_limit)
    return PreparedNetwork(network, plan, compiled, tflite_cost(graph, len(network.data)).macs)


class Counter:
    """Counts networks on one core.

    A kernel's change makes those networks be counted anew that have it: a count belongs to the C that the core's
    compiler sees, the tools and the flags that it was made with. Lines are appended as counts come, so that an
    interrupted run goes on where it was.

    Args:
        core: where they are counted.
        folder: where counts are kept, a file for each core; None: nowhere.
    """

    def __init__(self, core: EmulatedCore, folder: Path | None = None) -> None:
        self.core = core
        self._path = folder / f"{core.name}.jsonl" if folder is not None else None
        self._tools = {tool.program: tool_version(tool) for tool in core.tools}
        self._profiles: dict[str, Profile] = {}
        if self._path is not None and self._path.is_file():
            text, _, torn = self._path.read_bytes().rpartition(b"\n")
            if torn:  # the last line of an interrupted run: the next one begins in its place
                os.truncate(self._path, len(text) + 1)
            self._profiles = dict(_profile(line) for line in text.splitlines())

    def count(self, network: RandomNetwork, arena_limit: int | None = None) -> CountedNetwork:
        """Returns what a network takes on the core for one random frame.

        Raises:
            EdgeNasError: see `profile_on_core`.
        """
        return self.count_prepared(prepare(network, arena_limit))

    def count_prepared(self, prepared: PreparedNetwork) -> CountedNetwork:
        """Returns what a network takes on the core, whose C is there already."""
        network, compiled = prepared.network, prepared.compiled
        profile = self._profile_of(compiled, network.seed)
        return CountedNetwork(network, prepared.plan, prepared.macs, profile, compiled.keeps_state)

    def _profile_of(self, compiled: CompiledModel, seed: int) -> Profile:
        instructions = INSTRUCTION_SETS[self.core.name]
        texts = {file.name: sha256_bytes(text_for(file.text, instructions).encode()) for file in compiled.files}
        made_of = {"texts": texts, "tools": self._tools, "flags": [*self.core.flags, OPTIMIZATION], "seed": seed}
        key = sha256_bytes(json.dumps(made_of, sort_keys=True).encode())
        if key not in self._profiles:
            # Of int16 codes, two bytes each, all of which are as likely.
            codes = compiled.inputs[0].codes
            frame_bytes = int(np.prod(codes.shape)) * np.dtype(codes.dtype).itemsize
            frame = np.random.default_rng(seed).integers(-128, 128, frame_bytes, dtype=np.int8)
            self._profiles[key] = profile = profile_on_core(self.core, compiled, frame)
            if self._path is not None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._path.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps({"key": key, **asdict(profile)}) + "\n")
        return self._profiles[key]


def _profile(line: bytes) -> tuple[str, Profile]:
    """Returns a count and its key."""
    data = json.loads(line)
    return data["key"], Profile(tuple(data["steps"]), data["rest"], ImageSizes(**data["sizes"]))

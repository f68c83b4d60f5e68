"""Following a model's `call` into its inner layers (a quirk of tf_keras 2.21 lives here).

Keras makes one node of a subclassed layer, whatever it holds. Only `Layer.__call__` sees every inner call, and Keras
offers no hook there, so a trace replaces that method while it runs, under a lock.
"""

import math
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf
import tf_keras
from tf_keras.layers import Layer
from tf_keras.src.engine.keras_tensor import KerasTensor
from tf_keras.src.layers.core.tf_op_layer import TFOpLambda
from tf_keras.src.utils.generic_utils import to_snake_case

from edge_nas.errors import EdgeNasError, GraphError
from edge_nas.graph.einsums import einsum_by_matmul
from edge_nas.graph.equivalents import RowDense, has_several_axes, is_followed
from edge_nas.graph.lowering import known_sizes, lower, operator_name
from edge_nas.graph.probes import Probe, ProbedTensor
from edge_nas.graph.training_only import is_augmentation, is_fake_quantizing, is_pruning_wrapper

L = tf_keras.layers
_LOCK = threading.RLock()
_UNTRACEABLE = (TypeError, AttributeError, ValueError, NotImplementedError, tf.errors.OperatorNotAllowedInGraphError)
_NATIVE = "tf_keras."


class Trace:
    """One symbolic run of a model.

    Args:
        training: what composites receive as `training`: None leaves it to the flat graph's caller, True shows the
            path taken in training.
        touched: filled with every leaf met and the state to put back.

    `leaves` lists (place of the composite, kind and place of the leaf) in the order of the calls, `probed` what probes
    saw; a probe is no leaf. `left_out` are the layers that only change pictures in training; `regrouped` says whether
    sums are taken in another order than in the model.
    """

    def __init__(self, training: bool | None, touched: dict[int, Any]) -> None:
        self.leaves: list[tuple[str, str]] = []
        self.probed: list[ProbedTensor] = []
        self.left_out: list[Layer] = []
        self.regrouped = False
        self._training = training
        self._touched = touched
        self._places: dict[int, str] = {}
        self._names: set[str] = set()
        self._named: set[int] = set()  # ids of leaves that bear their names in the flat graph
        self._stack: list[str] = []
        self._rows: dict[int, RowDense] = {}  # by the id of the EinsumDense that each stands for

    def run(self, model: tf_keras.Model, inputs: Any) -> Any:
        """Returns the symbolic outputs of `model` for symbolic inputs."""
        with _replaced_call(self):
            return self._follow(model, (inputs,), {}, place="")

    def visit(self, layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any], original: Any) -> Any:
        """Stands in for `layer(*args, **kwargs)` while the trace runs."""
        if not _takes_tensors(args, kwargs):
            return original(layer, *args, **kwargs)
        if is_pruning_wrapper(layer) or _is_spread_over_time(layer):
            place = self._places.get(id(layer), layer.name)
            self._places.setdefault(id(layer.layer), place.removeprefix("prune_low_magnitude_"))
            tensor, _, _ = layer._call_spec.split_out_first_arg(args, kwargs)
            return layer.layer(tensor)
        if is_fake_quantizing(layer):
            raise GraphError(
                f"layer {layer.name!r} ({type(layer).__name__}) is one of TFMOT's quantize_model: give the float "
                "network that it was made of"
            )
        if _is_composite(layer) or is_followed(layer, args, kwargs):
            return self._follow(layer, args, kwargs, place=self._places.get(id(layer), layer.name))
        if isinstance(layer, Probe):
            tensor, _, _ = layer._call_spec.split_out_first_arg(args, kwargs)
            self.probed.append(ProbedTensor(layer.label, self._place(), tensor))
            return tensor
        if is_augmentation(layer):
            tensor, _, _ = layer._call_spec.split_out_first_arg(args, kwargs)
            self.left_out.append(layer)
            return tensor
        tensor = args[0] if args else kwargs.get("inputs")
        if isinstance(tensor, KerasTensor) and has_several_axes(layer, tensor):
            return self._in_rows(layer, tensor)
        return self._leaf(layer, args, kwargs, original)

    def _in_rows(self, layer: Layer, tensor: Any) -> Any:
        """Stands in for an EinsumDense of several axes: a reshape into rows, a Dense, a reshape back."""
        if id(layer) not in self._rows:
            self._rows[id(layer)] = RowDense(layer)
            place = self._places.get(id(layer)) or "_".join(filter(None, [self._place(), plain_name(layer)]))
            self._places[id(self._rows[id(layer)])] = place
        self.regrouped = True
        dense = self._rows[id(layer)]
        positions = tuple(tensor.shape)[1 : tensor.shape.rank - len(dense.inputs)]
        if len(dense.inputs) > 1:
            tensor = L.Reshape((*positions, math.prod(dense.inputs)))(tensor)
        made = dense(tensor)
        return made if len(dense.outputs) == 1 else L.Reshape((*positions, *dense.outputs))(made)

    def _follow(self, layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any], place: str) -> Any:
        inputs, args, kwargs = layer._call_spec.split_out_first_arg(args, kwargs)
        _refuse_own_weights(layer, place)
        self._name_children(layer, place)
        if isinstance(layer, tf_keras.Sequential):
            return self._follow_sequence(layer, inputs)
        args, kwargs = self._with_training(layer, args, kwargs)
        self._stack.append(place)
        try:
            return layer.call(inputs, *args, **kwargs)
        except EdgeNasError:
            raise
        except _UNTRACEABLE as e:
            raise GraphError(
                f"layer {place or layer.name!r} ({type(layer).__name__}) cannot be followed on symbolic tensors: "
                f"{_first_line(e)}. Python control flow on tensor values, .numpy(), tf.cond with lambdas and "
                "@tf.function on `call` have no place in a flat graph: express the choice with layers, or move it "
                "out of the model"
            ) from e
        finally:
            self._stack.pop()

    def _with_training(
        self, layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Returns the arguments after the first with `training` set where the caller left it open."""
        names = layer._call_spec.arg_names[1 : 1 + len(args)]
        if "training" in names:
            place = names.index("training")
            return (*args[:place], self._training if args[place] is None else args[place], *args[place + 1 :]), kwargs
        if layer._call_spec.expects_training_arg and kwargs.get("training") is None:
            kwargs = {**kwargs, "training": self._training}
        return args, kwargs

    def _follow_sequence(self, layer: tf_keras.Sequential, x: Any) -> Any:
        for child in layer.layers:
            x = child(x)
        return x

    def _leaf(self, layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any], original: Any) -> Any:
        place = self._place()
        self._remember(layer)
        if isinstance(layer, TFOpLambda):
            name = "_".join(filter(None, [place, operator_name(layer.symbol)]))
            args, kwargs = known_sizes(args, kwargs)
            if not _takes_tensors(args, kwargs):  # it computes a size from sizes that are known
                return original(layer, *args, **kwargs)
            if operator_name(layer.symbol) == "einsum":
                self.regrouped = True
                return einsum_by_matmul(name, *args)
            lowered = lower(layer, args, kwargs)
            if lowered is not None:
                layer, args, kwargs = lowered
                self._remember(layer)
            self._rename(layer, name, taken=self._places.values())
        elif id(layer) in self._places:
            self._rename(layer, self._places[id(layer)], taken=())
        else:  # made inside `call`
            name = "_".join(filter(None, [place, plain_name(layer)]))
            self._rename(layer, name, taken=self._places.values())
        # A leaf follows the flat graph's caller unless `call` told it otherwise; the trace of training only looks at
        # which leaves there are.
        if kwargs.get("training", False) is None or self._training is not None:
            kwargs = {key: value for key, value in kwargs.items() if key != "training"}
        self.leaves.append((place, f"{type(layer).__name__} {layer.name}"))
        return original(layer, *args, **kwargs)

    def _place(self) -> str:
        """Returns the place of the layer or model whose `call` is being followed: "" for the model."""
        return self._stack[-1] if self._stack else ""

    def _remember(self, layer: Layer) -> None:
        """Keeps a leaf's name and connections, once, so that they can be put back."""
        if id(layer) not in self._touched:
            state = (layer, layer._name, list(layer._inbound_nodes_value), list(layer._outbound_nodes_value))
            self._touched[id(layer)] = state

    def _rename(self, layer: Layer, place: str, *, taken: Iterable[str]) -> None:
        """Gives a leaf its name in the flat graph, once: a layer called twice keeps the first.

        Args:
            layer: the leaf.
            place: the name, if no other leaf has it.
            taken: names of the model's own layers, which may be met later: what is made in `call` leaves them those.
        """
        if id(layer) in self._named:
            return
        unfree = self._names.union(taken)
        name, number = place, 1
        while name in unfree:
            name, number = f"{place}_{number}", number + 1
        self._names.add(name)
        self._named.add(id(layer))  # which _remember keeps alive, so that no other object gets this id
        self._places[id(layer)] = name
        layer._name = name

    def _name_children(self, layer: Layer, place: str) -> None:
        own_names = isinstance(layer, tf_keras.Sequential) or getattr(layer, "_is_graph_network", False)
        # Attributes of Keras' own layers are private, and called accordingly.
        own_names = own_names or type(layer).__module__.startswith(_NATIVE)
        for path, child in _children(layer):
            name = self._own_name(child, numbered=not place) if own_names else path
            self._places.setdefault(id(child), "_".join(filter(None, [place, name])))

    def _own_name(self, layer: Layer, *, numbered: bool) -> str:
        """Returns the name a layer had before any trace renamed it; Keras' own numbers are left out if not wanted."""
        if id(layer) in self._touched:
            _, name, _, _ = self._touched[id(layer)]
        else:
            name = layer.name
        return str(name) if numbered else _without_number(layer, name)


def plain_name(layer: Layer) -> str:
    """Returns a layer's name without the number that Keras gives to unnamed ones, which counts up in a process."""
    return _without_number(layer, layer.name)


def _without_number(layer: Layer, name: str) -> str:
    kind = to_snake_case(type(layer).__name__)
    return kind if re.fullmatch(rf"{kind}(_\d+)?", name) else name


def _is_composite(layer: Layer) -> bool:
    if isinstance(layer, tf_keras.Model):
        return True
    native = type(layer).__module__.startswith(_NATIVE)
    return not native and any(True for _ in layer._flatten_layers(include_self=False, recursive=False))


def _is_spread_over_time(layer: Layer) -> bool:
    """True for a TimeDistributed around a layer that does the same on its own to every position of any rank."""
    return type(layer) is L.TimeDistributed and type(layer.layer) in (L.Dense, L.Activation, L.ReLU, L.LeakyReLU)


def _takes_tensors(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return any(isinstance(value, KerasTensor) for value in tf.nest.flatten((args, kwargs)))


def _children(layer: Layer) -> Iterator[tuple[str, Layer]]:
    """Yields the layers that `layer` holds, each with its attribute path; lists, tuples and dicts are looked into."""
    if isinstance(layer, tf_keras.Sequential) or getattr(layer, "_is_graph_network", False):
        for child in layer.layers:
            yield child.name, child
        return
    for name, child in layer._trackable_children().items():
        yield from _layers_below(name, child)


def _layers_below(path: str, thing: Any) -> Iterator[tuple[str, Layer]]:
    if isinstance(thing, Layer):
        yield path, thing
    elif hasattr(thing, "_trackable_children") and not isinstance(thing, tf.Variable):
        for name, child in thing._trackable_children().items():
            yield from _layers_below(f"{path}_{name}", child)


def _refuse_own_weights(layer: Layer, place: str) -> None:
    own = list(layer._trainable_weights) + list(layer._non_trainable_weights)
    if own:
        raise GraphError(
            f"layer {place or layer.name!r} ({type(layer).__name__}) holds other layers and owns weights itself: "
            f"{', '.join(weight.name for weight in own)}. In a flat graph they would be lost: "
            "move each into a layer of its own"
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


@contextmanager
def _replaced_call(trace: Trace) -> Iterator[None]:
    with _LOCK:
        original = Layer.__call__

        def replaced(self: Layer, *args: Any, **kwargs: Any) -> Any:
            return trace.visit(self, args, kwargs, original)

        Layer.__call__ = replaced
        try:
            yield
        finally:
            Layer.__call__ = original

from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.loops.codesize import code_parts
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.sketch import Sketch


def test_a_function_of_two_steps_is_written_once() -> None:
    net = Sketch((6, 6, 40))
    x = net.convolution(net.convolution(net.input, 40), 40)
    plan = plan_network(Int8Interpreter(read_tflite(net.finish(x), "sketch"))).plan
    kernels = {step.kernel.function for step in plan.program.steps if step.kernel.source == "pointwise"}
    parts = code_parts(plan, "dsp")
    assert parts["pointwise steps"] == 2
    assert parts["pointwise functions"] == len(kernels)
    assert parts["pointwise groups of lanes"] == 5 * len(kernels)

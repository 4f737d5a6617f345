"""Reading a TFLite file and de-quantising it into the float network."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import torch

from core.errors import EnvironmentProblem
from core.models.tflite import TfliteGraph, TfliteOperator, TfliteTensor, read_tflite
from core.models.yamnet import MobileNet, log_mel, network_state


class Writer:
    """Writes the few kinds of FlatBuffer objects a TFLite file is made of, from its end to its start.

    An object's position is its distance from the end of the file, so that it holds while more is put in front.
    """

    def __init__(self) -> None:
        self.content = b""

    def _put(self, data: bytes) -> int:
        self.content = data + self.content
        return len(self.content)

    def array(self, values: np.ndarray) -> int:
        return self._put(struct.pack("<I", len(values)) + values.tobytes())

    def tables(self, positions: list[int]) -> int:
        start = len(self.content) + 4 + 4 * len(positions)
        offsets = [start - 4 - 4 * number - position for number, position in enumerate(positions)]
        return self._put(struct.pack(f"<{1 + len(offsets)}I", len(offsets), *offsets))

    def table(self, fields: dict[int, tuple[str, int]]) -> int:
        """Fields: number → ("ref", position) or (struct format, value)."""
        places = {number: 4 + 8 * place for place, number in enumerate(fields)}
        size, count = 4 + 8 * len(fields), max(fields, default=-1) + 1
        numbers = [places.get(number, 0) for number in range(count)]
        vtable = self._put(struct.pack(f"<{2 + count}H", 4 + 2 * count, size, *numbers))
        start = len(self.content) + size
        body = bytearray(size)
        struct.pack_into("<i", body, 0, vtable - start)
        for number, (form, value) in fields.items():
            if form == "ref":
                struct.pack_into("<I", body, places[number], start - places[number] - value)
            else:
                struct.pack_into(form, body, places[number], value)
        return self._put(bytes(body))

    def finish(self, root: int) -> bytes:
        return struct.pack("<I", len(self.content) + 8 - root) + b"TFL3" + self.content


def small_file() -> bytes:
    """One convolution: an int8 weight with a scale per channel, an int32 bias, and a computed tensor."""
    writer = Writer()
    weight = np.arange(-9, 9, dtype=np.int8)
    bias = np.array([100, -200], np.int32)
    buffers = [
        writer.table({}),
        writer.table({0: ("ref", writer.array(weight.view(np.uint8)))}),
        writer.table({0: ("ref", writer.array(bias.view(np.uint8)))}),
    ]
    quantization = writer.table(
        {
            2: ("ref", writer.array(np.array([0.5, 0.25], np.float32))),
            3: ("ref", writer.array(np.array([0, 1], np.int64))),
            6: ("<i", 0),
        }
    )

    def tensor(name: str, shape: list[int], kind: int, buffer: int, extra: dict) -> int:
        text = writer.array(np.frombuffer(name.encode(), np.uint8))
        size = writer.array(np.array(shape, np.int32))
        return writer.table({0: ("ref", size), 1: ("<b", kind), 2: ("<I", buffer), 3: ("ref", text), **extra})

    tensors = [
        tensor("in", [1, 4, 4, 1], 9, 0, {}),
        tensor("weight", [2, 3, 3, 1], 9, 1, {4: ("ref", quantization)}),
        tensor("bias", [2], 2, 2, {}),
    ]
    inputs, outputs = writer.array(np.array([0, 1, 2], np.int32)), writer.array(np.array([0], np.int32))
    operator = writer.table({0: ("<I", 0), 1: ("ref", inputs), 2: ("ref", outputs)})
    graph = writer.table({0: ("ref", writer.tables(tensors)), 3: ("ref", writer.tables([operator]))})
    codes = writer.tables([writer.table({0: ("<b", 3), 3: ("<i", 3)})])
    graphs, stored = writer.tables([graph]), writer.tables(buffers)
    return writer.finish(writer.table({0: ("<I", 3), 1: ("ref", codes), 2: ("ref", graphs), 4: ("ref", stored)}))


def test_tensors_are_de_quantised_per_channel() -> None:
    graph = read_tflite(small_file())
    assert graph.operators == (TfliteOperator(3, (0, 1, 2), (0,)),)
    source, weight, bias = graph.tensors
    assert (source.name, source.shape, source.data) == ("in", (1, 4, 4, 1), None)
    stored = np.arange(-9, 9, dtype=np.float32).reshape(2, 3, 3, 1)
    assert np.array_equal(weight.values()[0], stored[0] * 0.5)
    assert np.array_equal(weight.values()[1], (stored[1] - 1) * 0.25)
    assert bias.values().tolist() == [100.0, -200.0]
    with pytest.raises(ValueError, match="holds no data"):
        source.values()


@pytest.mark.parametrize("content", [b"", b"not a model at all", small_file()[:200], b"\xff" * 100])
def test_another_or_damaged_file_is_an_understandable_problem(content: bytes) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        read_tflite(content)


def graph_of(network: MobileNet) -> TfliteGraph:
    """The network's weights the way a TFLite graph holds them."""
    none = np.zeros(0, np.float32)

    def tensor(values: torch.Tensor) -> TfliteTensor:
        return TfliteTensor("", tuple(values.shape), values.detach().numpy(), none, none, 0)

    tensors, operators = [tensor(network.mel.T)], [TfliteOperator(9, (0, 0, 0), ())]
    for convolution in network.convolutions:
        depthwise = convolution.groups > 1
        order = (1, 2, 3, 0) if depthwise else (0, 2, 3, 1)
        tensors += [tensor(convolution.weight.permute(order)), tensor(convolution.bias)]
        operators.append(TfliteOperator(4 if depthwise else 3, (0, len(tensors) - 2, len(tensors) - 1), ()))
    return TfliteGraph(tuple(tensors), tuple(operators))


def test_a_graph_becomes_the_network() -> None:
    torch.manual_seed(0)
    source, copy = MobileNet(0.125), MobileNet(0.125)
    copy.load_state_dict(network_state(graph_of(source)))
    patches = torch.randn(3, 96, 64)
    with torch.inference_mode():
        assert torch.equal(source(patches), copy(patches))


def test_a_graph_of_another_model_is_refused() -> None:
    with pytest.raises(EnvironmentProblem, match="not YAMNet"):
        network_state(read_tflite(small_file()))


def test_even_maps_are_filled_up_at_their_end() -> None:
    """TensorFlow's "same" at stride 2: the first output looks at the first sample, not before it."""
    network = MobileNet(0.125)
    first = network.convolutions[0]
    torch.nn.init.zeros_(first.weight)
    torch.nn.init.zeros_(first.bias)
    first.weight.data[:, :, 0, 0] = 1.0
    seen = []
    first.register_forward_hook(lambda module, inputs, output: seen.append(output.detach()))
    patches = torch.arange(96.0 * 64).reshape(1, 96, 64)
    network(patches)
    assert torch.equal(seen[0][0, 0], patches[0, ::2, ::2])


def test_the_log_mel_of_silence_is_its_offset() -> None:
    found = log_mel(torch.zeros(16_000), torch.rand(257, 64))
    assert found.shape == (98, 64)
    assert torch.allclose(found, torch.full_like(found, np.log(1e-3)))

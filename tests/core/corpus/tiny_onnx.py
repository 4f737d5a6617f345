"""A face network of a few hundred bytes: it takes each red cell of a picture for the middle of a face looking ahead.

Written as ONNX (protocol buffers; field numbers as in the published onnx.proto) with the inputs and outputs of the real
one, so that everything but the weights is what runs in earnest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.corpus.extractors.gaze import OUTPUTS, STRIDE_PX

_FLOAT, _INTS = 1, 7


def red_face_network(face_px: float, landmarks: np.ndarray) -> bytes:
    """The network.

    Args:
        face_px: size of every face.
        landmarks: (5, 2), x and y of the points as shares of the face, from its upper left corner.
    """
    cell = STRIDE_PX
    red = np.zeros((1, 3, cell, cell))
    # The mean over a cell of red less green and blue; what it is above 100 of 255 becomes a probability above a half.
    red[0] = np.array([1.0, -1.0, -1.0])[:, None, None] / cell**2
    heads = {
        "heat": (red, [-100.0]),
        OUTPUTS[1]: (np.zeros((2, 3, cell, cell)), [np.log(face_px / cell)] * 2),
        OUTPUTS[2]: (np.zeros((2, 3, cell, cell)), [0.0, 0.0]),
        OUTPUTS[3]: (np.zeros((10, 3, cell, cell)), landmarks[:, ::-1].ravel()),
    }
    nodes, tensors = [], []
    for name, (weights, bias) in heads.items():
        parts = {f"{name}.weights": weights, f"{name}.bias": np.asarray(bias)}
        tensors += [_tensor(each, values) for each, values in parts.items()]
        shape = _ints("kernel_shape", [cell, cell]) + _ints("strides", [cell, cell])
        nodes.append(_node("Conv", ["input.1", *parts], name, shape))
    nodes.append(_node("Sigmoid", ["heat"], OUTPUTS[0]))
    channels = dict(zip(OUTPUTS, (1, 2, 2, 10), strict=True))
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, b"faces")
    graph += b"".join(_field(5, tensor) for tensor in tensors)
    graph += _field(11, _value("input.1", 3)) + b"".join(_field(12, _value(*each)) for each in channels.items())
    return _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13))


def _node(kind: str, inputs: Sequence[str], output: str, attributes: bytes = b"") -> bytes:
    names = b"".join(_field(1, name.encode()) for name in inputs)
    return names + _field(2, output.encode()) + _field(3, output.encode()) + _field(4, kind.encode()) + attributes


def _ints(name: str, values: Sequence[int]) -> bytes:
    numbers = b"".join(_number(8, value) for value in values)
    return _field(5, _field(1, name.encode()) + numbers + _number(20, _INTS))


def _tensor(name: str, values: np.ndarray) -> bytes:
    dims = b"".join(_number(1, side) for side in values.shape)
    return dims + _number(2, _FLOAT) + _field(8, name.encode()) + _field(9, values.astype("<f4").tobytes())


def _value(name: str, channels: int) -> bytes:
    """A picture of any size."""
    sides = [_number(1, 1), _number(1, channels), _field(2, b"h"), _field(2, b"w")]
    shape = b"".join(_field(1, side) for side in sides)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, _FLOAT) + _field(2, shape)))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])

"""Reads the tensors and operators of a TFLite file, so that its weights can run in another framework.

A TFLite file is a FlatBuffer: tables that point to vtables, which say at which offset each numbered field stands. The
few fields that matter here, with their numbers, are those of TensorFlow's published schema (`schema.fbs`, version 3).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from core.errors import EnvironmentProblem

_IDENTIFIER = b"TFL3"
_DTYPES = {0: np.dtype("<f4"), 2: np.dtype("<i4"), 3: np.dtype("u1"), 4: np.dtype("<i8"), 9: np.dtype("i1")}
_MODEL_OPERATOR_CODES, _MODEL_SUBGRAPHS, _MODEL_BUFFERS = 1, 2, 4
_GRAPH_TENSORS, _GRAPH_OPERATORS = 0, 3
_TENSOR_SHAPE, _TENSOR_TYPE, _TENSOR_BUFFER, _TENSOR_NAME, _TENSOR_QUANTIZATION = 0, 1, 2, 3, 4
_QUANTIZATION_SCALE, _QUANTIZATION_ZERO, _QUANTIZATION_AXIS = 2, 3, 6
_CODE_OLD, _CODE_NEW = 0, 3
_OPERATOR_CODE, _OPERATOR_INPUTS, _OPERATOR_OUTPUTS = 0, 1, 2
_BUFFER_DATA = 0
CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED = 3, 4, 9


@dataclass(frozen=True)
class TfliteTensor:
    """A tensor of the graph; `data` is None where it is computed when the graph runs."""

    name: str
    shape: tuple[int, ...]
    data: np.ndarray | None
    scale: np.ndarray
    zero_point: np.ndarray
    axis: int

    def values(self) -> np.ndarray:
        """float32: (stored − zero point) × scale, per channel of `axis` where there are several scales.

        Raises:
            ValueError: the tensor holds no data.
        """
        if self.data is None:
            raise ValueError(f"{self.name} holds no data")
        stored = self.data.astype(np.float32)
        if not len(self.scale):
            return stored
        shape = [1] * stored.ndim
        if len(self.scale) > 1:
            shape[self.axis] = -1
        zero = self.zero_point.astype(np.float32) if len(self.zero_point) else np.zeros(1, np.float32)
        return (stored - zero.reshape(shape if len(zero) > 1 else [1] * stored.ndim)) * self.scale.reshape(shape)


@dataclass(frozen=True)
class TfliteOperator:
    """One step of the graph: its builtin code and the numbers of its tensors (−1: left out)."""

    code: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class TfliteGraph:
    """The first graph of a file."""

    tensors: tuple[TfliteTensor, ...]
    operators: tuple[TfliteOperator, ...]


def read_tflite(content: bytes) -> TfliteGraph:
    """Parse a TFLite file.

    Raises:
        EnvironmentProblem: it is not one, or it is damaged.
    """
    try:
        if content[4:8] != _IDENTIFIER:
            raise ValueError("it does not start like a TFLite file")
        return _graph(content)
    except (ValueError, IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise EnvironmentProblem(
            "The TFLite file cannot be read", f"It is damaged or of another kind: {error}", "Download it again"
        ) from error


def _graph(content: bytes) -> TfliteGraph:
    model = _Table(content, struct.unpack_from("<I", content)[0])
    buffers = model.tables(_MODEL_BUFFERS)
    graph = model.tables(_MODEL_SUBGRAPHS)[0]
    codes = [
        max(code.scalar(_CODE_OLD, "<b", 0), code.scalar(_CODE_NEW, "<i", 0))
        for code in model.tables(_MODEL_OPERATOR_CODES)
    ]
    tensors = tuple(_tensor(table, buffers) for table in graph.tables(_GRAPH_TENSORS))
    operators = tuple(
        TfliteOperator(
            codes[table.scalar(_OPERATOR_CODE, "<I", 0)],
            tuple(int(number) for number in table.array(_OPERATOR_INPUTS, "<i4")),
            tuple(int(number) for number in table.array(_OPERATOR_OUTPUTS, "<i4")),
        )
        for table in graph.tables(_GRAPH_OPERATORS)
    )
    return TfliteGraph(tensors, operators)


def _tensor(table: _Table, buffers: list[_Table]) -> TfliteTensor:
    shape = tuple(int(size) for size in table.array(_TENSOR_SHAPE, "<i4"))
    raw = buffers[table.scalar(_TENSOR_BUFFER, "<I", 0)].array(_BUFFER_DATA, "u1")
    kind = table.scalar(_TENSOR_TYPE, "<b", 0)
    data = raw.view(_DTYPES[kind]).reshape(shape) if len(raw) else None
    quantization = table.table(_TENSOR_QUANTIZATION)
    none = np.zeros(0, np.float32)
    return TfliteTensor(
        table.text(_TENSOR_NAME),
        shape,
        data,
        quantization.array(_QUANTIZATION_SCALE, "<f4") if quantization else none,
        quantization.array(_QUANTIZATION_ZERO, "<i8") if quantization else none,
        quantization.scalar(_QUANTIZATION_AXIS, "<i", 0) if quantization else 0,
    )


class _Table:
    """A FlatBuffer table at a position of the file."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content = content
        self._position = position
        self._vtable = position - struct.unpack_from("<i", content, position)[0]
        self._vtable_size = struct.unpack_from("<H", content, self._vtable)[0]

    def _field(self, number: int) -> int | None:
        """Where a field stands, or None where the file leaves it out."""
        at = 4 + 2 * number
        if at >= self._vtable_size:
            return None
        offset = struct.unpack_from("<H", self._content, self._vtable + at)[0]
        return self._position + offset if offset else None

    def _follow(self, at: int) -> int:
        return at + struct.unpack_from("<I", self._content, at)[0]

    def scalar(self, number: int, form: str, default: int) -> int:
        at = self._field(number)
        return default if at is None else struct.unpack_from(form, self._content, at)[0]

    def table(self, number: int) -> _Table | None:
        at = self._field(number)
        return None if at is None else _Table(self._content, self._follow(at))

    def array(self, number: int, dtype: str) -> np.ndarray:
        at = self._field(number)
        if at is None:
            return np.zeros(0, dtype)
        start = self._follow(at)
        count = struct.unpack_from("<I", self._content, start)[0]
        return np.frombuffer(self._content, dtype, count, start + 4)

    def text(self, number: int) -> str:
        return self.array(number, "u1").tobytes().decode("utf-8")

    def tables(self, number: int) -> list[_Table]:
        at = self._field(number)
        if at is None:
            return []
        start = self._follow(at)
        count = struct.unpack_from("<I", self._content, start)[0]
        return [_Table(self._content, self._follow(start + 4 + 4 * n)) for n in range(count)]

"""YAMNET: MobileNet v1 trained on AudioSet, in floating point, with the weights of Google's quantised TFLite file.

The file's graph gives only scores for one patch at a time; here its de-quantised weights run batched, and the embedding
is the mean of the last layer. A patch is 0.975 s; patches do not depend on the window they are pooled into, so each is
computed once per file. Architecture: Howard et al., MobileNets (2017), and the model card of YAMNet.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import EnvironmentProblem
from core.models.base import SAMPLE_RATE_HZ, Grid
from core.models.tflite import CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TfliteGraph, read_tflite
from core.models.torch_model import TorchEmbedding

_BANDS, _FFT, _SPAN, _HOP = 64, 512, 400, 160
_PATCH_FRAMES = 96
# Half a second: divides every window hop that is a multiple of it, and finer patches did not tell sounds apart better.
_PATCH_HOP = SAMPLE_RATE_HZ // 2
_OFFSET = 1e-3
_PATCHES_AT_ONCE = {"cpu": 16}
# (output channels, stride of the depthwise convolution) of the thirteen separable layers.
_SEPARABLE = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1),
    (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip


class MobileNet(nn.Module):
    """Log-mel patches float32[N, 96, 64] → float32[N, 1024], the mean over the last feature map.

    Args:
        width: fraction of the published number of channels.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.register_buffer("mel", torch.zeros(_FFT // 2 + 1, _BANDS))
        channels = int(32 * width)
        self.convolutions = nn.ModuleList([nn.Conv2d(1, channels, 3, stride=2)])
        for published, stride in _SEPARABLE:
            wider = int(published * width)
            self.convolutions.append(nn.Conv2d(channels, channels, 3, stride=stride, groups=channels))
            self.convolutions.append(nn.Conv2d(channels, wider, 1))
            channels = wider

    def forward(self, patches: Tensor) -> Tensor:
        maps = patches[:, None]
        for convolution in self.convolutions:
            if convolution.kernel_size[0] == 3:
                # TensorFlow's "same": an even map at stride 2 is filled up at its end alone.
                before = 2 - convolution.stride[0]
                maps = nn.functional.pad(maps, (before, 1, before, 1))
            maps = nn.functional.relu6(convolution(maps))
        return maps.mean(dim=(2, 3))


class YamnetEmbedding(TorchEmbedding):
    """Its features are its frames: one vector per patch."""

    grid: ClassVar[Grid] = Grid(feature_hop=_PATCH_HOP, feature_span=(_PATCH_FRAMES - 1) * _HOP + _SPAN)

    def build(self) -> nn.Module:
        """The real network, or one of an eighth of its channels."""
        network = MobileNet(0.125 if self.tiny else 1.0)
        if self.tiny:
            network.mel.uniform_(0.0, 0.1)
            for convolution in network.convolutions:
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        return network

    def state(self, path: Path) -> dict[str, Tensor]:
        """See `TorchEmbedding.state`."""
        return network_state(read_tflite(path.read_bytes()))

    def front_end(self, audio: Tensor) -> Tensor:
        """float32[B, T] → float32[B, F, 1024], every half second."""
        rows = []
        for row in audio:
            patches = log_mel(row, self.network.mel).unfold(0, _PATCH_FRAMES, _PATCH_HOP // _HOP).transpose(1, 2)
            parts = patches.split(_PATCHES_AT_ONCE.get(self.device, 1024))
            rows.append(torch.cat([super(YamnetEmbedding, self).run(part) for part in parts]))
        return torch.stack(rows)

    def frames(self, features: Tensor) -> Tensor:
        """Patches through the network."""
        return self.network(features)

    def run(self, features: Tensor) -> Tensor:
        """The features as they are: the network is part of the front end."""
        return features

    def summarise(self, frames: Tensor) -> Tensor:
        """The mean of square roots: activations are never negative, and few large ones would drown the rest."""
        return super().summarise(frames.sqrt())

    def summarise_grain(self, frames: Tensor) -> Tensor:
        """Mean and maximum of square roots."""
        return super().summarise_grain(frames.sqrt())


def log_mel(audio: Tensor, mel: Tensor) -> Tensor:
    """float32[T] → float32[F, 64]: the logarithm of mel-weighted magnitudes, 25 ms every 10 ms."""
    window = torch.hann_window(_SPAN, periodic=True, device=audio.device)
    magnitude = torch.fft.rfft(audio.unfold(0, _SPAN, _HOP) * window, n=_FFT).abs()
    return (magnitude @ mel + _OFFSET).log()


def network_state(graph: TfliteGraph) -> dict[str, Tensor]:
    """The weights of `MobileNet` from the graph of the TFLite file, de-quantised.

    Raises:
        EnvironmentProblem: the graph is not that of YAMNet.
    """
    layers = [operator for operator in graph.operators if operator.code in (CONV_2D, DEPTHWISE_CONV_2D)]
    dense = [operator for operator in graph.operators if operator.code == FULLY_CONNECTED]
    if len(layers) != 1 + 2 * len(_SEPARABLE) or not dense:
        raise EnvironmentProblem(
            "The TFLite file is not YAMNet", f"It has {len(layers)} convolutions instead of 27", "Download it again"
        )
    state = {"mel": _tensor(graph.tensors[dense[0].inputs[1]].values().T)}
    for number, layer in enumerate(layers):
        weight, bias = (graph.tensors[tensor].values() for tensor in layer.inputs[1:3])
        # Stored as (out, height, width, in), depthwise as (1, height, width, out).
        order = (3, 0, 1, 2) if layer.code == DEPTHWISE_CONV_2D else (0, 3, 1, 2)
        state[f"convolutions.{number}.weight"] = _tensor(weight.transpose(order))
        state[f"convolutions.{number}.bias"] = _tensor(bias)
    return state


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))

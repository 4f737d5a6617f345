"""WAV2VEC2_* and HUBERT_*: torchaudio's networks, with weights from the weights folder. The only user of torchaudio.

Baevski et al., wav2vec 2.0 (2020); Hsu et al., HuBERT (2021). The base models normalise over time in their first layer
and change with padding, so every window is encoded at its own length. HUBERT_LARGE, HUBERT_XLARGE and LV60K expect
audio of mean 0 and variance 1, which is worked out per window: overlapping windows cannot share their convolutions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.base import Grid
from core.models.torch_model import TorchEmbedding

if TYPE_CHECKING:
    from torchaudio.pipelines import Wav2Vec2Bundle

_STRIDE, _FIELD = 320, 400
_TINY = {
    "extractor_conv_layer_config": [(24, 10, 5), *[(24, 3, 2)] * 4, *[(24, 2, 2)] * 2],
    "encoder_embed_dim": 48,
    "encoder_pos_conv_kernel": 16,
    "encoder_pos_conv_groups": 4,
    "encoder_num_heads": 4,
    "encoder_ff_interm_features": 96,
}


class TorchaudioEmbedding(TorchEmbedding):
    """Its features are the audio itself, a frame is 25 ms every 20 ms."""

    # Chunks of 32 s; half a second at either end is left to the neighbours.
    grid: ClassVar[Grid] = Grid(1, 1, _STRIDE, _FIELD, chunk_frames=1600, margin_frames=25)

    def _bundle(self) -> Wav2Vec2Bundle:
        from torchaudio import pipelines

        return getattr(pipelines, self.spec.backbone)

    def build(self) -> nn.Module:
        """The bundle's network, or one of the same depth with narrow layers."""
        from torchaudio.models import wav2vec2_model

        bundle = self._bundle()
        network = wav2vec2_model(**bundle._params | (_TINY if self.tiny else {}))
        # Read by `frames`; two models of one backbone share the network.
        network.normalise = bundle._normalize_waveform
        return network

    def front_end(self, audio: Tensor) -> Tensor:
        """The audio itself."""
        return audio

    def frames(self, features: Tensor) -> Tensor:
        """float32[B, T] → float32[B, n, D]: the network's output, or the chosen layers side by side."""
        network = self.network
        if network.normalise:
            features = functional.layer_norm(features, features.shape[-1:])
        if self.spec.layers is None:
            return network(features)[0]
        layers = network.extract_features(features, num_layers=self.spec.layers[-1] + 1)[0]
        return torch.cat([layers[number] for number in self.spec.layers], dim=-1)

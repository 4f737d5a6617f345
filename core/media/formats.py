"""The files an export can make, and the audio codec each takes with the ffmpeg at hand."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.media import AudioStream
from core.errors import UserError

# ISO-PCM in MP4 is written, and read back, from this release on.
PCM_IN_MP4_SINCE = (7,)
AAC_BITRATE_PER_CHANNEL = 96_000
# Sources whose samples need more than 16 bits; what a lossy codec decodes to is kept in 16.
_DEEP_CODECS = frozenset(
    {"flac", "alac", "wavpack", "truehd", "mlp", "tta", "ape", "pcm_s24le", "pcm_s24be", "pcm_s24daud", "pcm_bluray"}
    | {f"pcm_{kind}{order}" for kind in ("s32", "f32", "f64", "u24", "u32") for order in ("le", "be")}
)
# ALAC knows seven arrangements of speakers and would mix any other down.
_ALAC_LAYOUTS = frozenset({"", "mono", "stereo", "3.0", "4.0", "5.0", "5.1", "5.1(side)", "6.1(back)", "7.1(wide)"})
_MAX_FLAC_CHANNELS = 8


@dataclass(frozen=True)
class OutputFormat:
    """A container, `name` as in `core.domain.clip.EXTENSIONS`.

    `muxer` is ffmpeg's name of it, `picture` whether it can hold video. A clip of `frames` is a folder of single
    pictures with a sound file beside it.
    """

    name: str
    muxer: str
    picture: bool
    frames: bool = False


_FORMATS = {
    known.name: known
    for known in (
        OutputFormat("MP4", "mp4", picture=True),
        OutputFormat("MKV", "matroska", picture=True),
        OutputFormat("MOV", "mov", picture=True),
        OutputFormat("WAV", "wav", picture=False),
        OutputFormat("FLAC", "flac", picture=False),
        OutputFormat("WEBP", "image2", picture=True, frames=True),
    )
}


@dataclass(frozen=True)
class AudioCodec:
    """How ffmpeg encodes the sound: `options` after `-c:a`, and the container that carries it until it is muxed."""

    encoder: str
    options: tuple[str, ...]
    muxer: str


def format_names() -> tuple[str, ...]:
    return tuple(_FORMATS)


def output_format(name: str) -> OutputFormat:
    """The format of this name, in capitals or not.

    Raises:
        UserError: there is no such format.
    """
    found = _FORMATS.get(name.upper())
    if not found:
        raise UserError(f"Cannot export as {name}", "There is no such format", f"Choose {', '.join(_FORMATS)}")
    return found


def audio_codec(into: OutputFormat, choice: str, stream: AudioStream, version: tuple[int, ...]) -> AudioCodec:
    """The codec for one track.

    Args:
        choice: `lossless` or `aac`; WAV, FLAC and what lies beside WebP are lossless whatever is chosen.
        version: the release of ffmpeg.
    """
    if choice == "aac" and into.picture and not into.frames:
        return AudioCodec("aac", ("-b:a", str(AAC_BITRATE_PER_CHANNEL * max(1, stream.channels))), "mp4")
    deep = stream.codec in _DEEP_CODECS
    flac_fits = stream.channels <= _MAX_FLAC_CHANNELS
    if into.name in ("MKV", "FLAC") and flac_fits:
        return _flac(deep)
    # MP4 says where each channel of PCM belongs, so this has to be known.
    pcm_fits = version >= PCM_IN_MP4_SINCE and (stream.channels <= 2 or bool(stream.layout))
    if into.name == "MP4" and not pcm_fits:
        if stream.layout in _ALAC_LAYOUTS:
            return AudioCodec("alac", ("-sample_fmt", "s32p" if deep else "s16p"), "mp4")
        if flac_fits:
            return _flac(deep)
    return AudioCodec("pcm_s24le" if deep else "pcm_s16le", (), "wav")


def _flac(deep: bool) -> AudioCodec:
    return AudioCodec("flac", ("-sample_fmt", "s32" if deep else "s16"), "flac")

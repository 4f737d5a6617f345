"""What the export deck remembers between starts."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QStandardPaths

from core.domain.clip import illegal_name_reason
from core.domain.export import ExportSettings
from core.domain.name_template import template_problem
from ui import settings as keys
from ui.main_window.export_deck import DeckValues
from ui.settings import Settings


def read_deck(settings: Settings) -> DeckValues:
    """The values of the last session, or the defaults."""
    get = settings.get
    return DeckValues(
        ExportSettings(
            folder=get(keys.FOLDER) or get(keys.DEFAULT_FOLDER) or default_folder(),
            name=get(keys.NAME),
            label=get(keys.LABEL),
            category=get(keys.CATEGORY),
            format=get(keys.FORMAT),
            short_side=get(keys.SHORT_SIDE_PX) or None,
            crf=get(keys.CRF),
            preset=get(keys.PRESET),
            audio=get(keys.AUDIO),
            encoder=get(keys.ENCODER),
            fps=get(keys.FPS),
            side_step=get(keys.SIDE_STEP),
            webp_lossless=get(keys.WEBP_LOSSLESS),
            webp_quality=get(keys.WEBP_QUALITY),
            template=get(keys.TEMPLATE),
            training=get(keys.TRAINING),
        ),
        get(keys.CLIPS),
        get(keys.SPREAD_S),
        get(keys.DURATION_S),
    )


def default_folder() -> str:
    """Where clips go until the person says otherwise, so that the first press of E works."""
    return str(Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation), "8-cut"))


def write_deck(settings: Settings, values: DeckValues) -> None:
    """Remember what is filled in; a name that cannot be used is not worth remembering."""
    made = values.settings
    for key, value in (
        (keys.FOLDER, made.folder),
        (keys.LABEL, made.label),
        (keys.CATEGORY, made.category),
        (keys.FORMAT, made.format),
        (keys.SHORT_SIDE_PX, made.short_side or 0),
        (keys.CRF, made.crf),
        (keys.PRESET, made.preset),
        (keys.AUDIO, made.audio),
        (keys.ENCODER, made.encoder),
        (keys.FPS, made.fps),
        (keys.SIDE_STEP, made.side_step),
        (keys.WEBP_LOSSLESS, made.webp_lossless),
        (keys.WEBP_QUALITY, made.webp_quality),
        (keys.TRAINING, made.training),
        (keys.CLIPS, values.clips),
        (keys.SPREAD_S, values.spread_s),
        (keys.DURATION_S, values.duration_s),
    ):
        settings.set(key, value)
    if not template_problem(made.template):
        settings.set(keys.TEMPLATE, made.template)
    if illegal_name_reason(made.name) is None:
        settings.set(keys.NAME, made.name)

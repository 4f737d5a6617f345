"""The pictures of finding a sound, for `tests.screenshots`: results, review, speech, training, hard negatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from PyQt6.QtCore import QItemSelectionModel, QPoint
from PyQt6.QtWidgets import QApplication, QComboBox, QLineEdit

from core.changes import Changes, Kind
from core.domain.media import Media
from core.domain.scan import NewRegion, RegionRule, ScanMade, WindowScores
from core.domain.speech import SpeechFilter, SpeechTrack
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.media.process import run
from core.media.tools import find_tool
from core.ops import speech
from core.ops.scan import Scanned, ScanSummary
from core.scan.regions import find_regions
from tests.screenshot_stage import Camera, open_first, program, shown_dialog, wait, wait_until
from tests.sound_files import noise, with_speech, write_wav
from ui import settings as keys
from ui.action_table import Act
from ui.app import Program
from ui.jobs.row import show_progress
from ui.jobs.runner import Lane
from ui.main_window.scan_results.region_model import Column
from ui.main_window.scan_results.region_table import RegionAct

LONG_NAME = "a_classifier_with_quite_a_long_name_for_one_tab"
HITS_S = (3.5, 8.5, 14.0, 21.5, 27.0, 31.5, 38.0, 44.5, 52.0)
THRESHOLD = 0.62


@dataclass(frozen=True)
class Version:
    """A stored version of a classifier, as the history of the Train dialog shows it."""

    stamp: str
    current: bool
    report: dict[str, Any]
    pinned: bool = False
    meta: dict[str, Any] = field(default_factory=lambda: {"data": {"clips": 42}})


def shoot_scanning(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """What a newcomer sees, results in every state, and a review."""
    with program(folder / "scanning") as app:
        app.window.actions_table[Act.RIGHT_PANEL].trigger()
        camera.take("scan-no-file", app.window)
        open_first(app, footage)
        camera.take("scan-none", app.window)
        app.scanning.jobs.scan_open()
        camera.take("scan-untrained", app.window)
        app.window.notices.dismiss()
        show_results(app)
        panel = app.scanning.panel
        wait_until(lambda: panel.tabs.count() == 3)
        panel.tabs.setCurrentIndex(2)
        decide(app)
        wait_until(lambda: not app.runner.active)
        panel.table.go_to(panel.model.rows[5].id)
        app.window.notices.dismiss()
        camera.take("scan-results", app.window)
        shoot_panel(camera, app)
        panel.review.click()
        wait()
        camera.take("scan-review", app.window)
        panel.review.click()
        app.window.resize(1100, 700)
        camera.take("scan-small", app.window)
        app.window.resize(1360, 860)
        shoot_told(camera, app)


def shoot_panel(camera: Camera, app: Program) -> None:
    """The panel in states of its own."""
    panel, table = app.scanning.panel, app.scanning.panel.table
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().select(panel.model.index(6, 0), flags.Select | flags.Rows)
    table.customContextMenuRequested.emit(QPoint(60, 80))
    camera.take("scan-menu", QApplication.activePopupWidget())
    QApplication.activePopupWidget().close()
    table.edit(panel.model.index(5, Column.END))
    wait(100)
    table.findChild(QLineEdit).setText("0:3x")
    table.findChild(QLineEdit).textEdited.emit("0:3x")
    camera.take("scan-edit", panel)
    panel.setFocus()
    panel.tuning.threshold.setSliderDown(True)
    panel.tuning.threshold.setValue(35)
    wait()
    camera.take("scan-threshold-low", panel)
    panel.tuning.threshold.setValue(99)
    wait()
    camera.take("scan-threshold-high", panel)
    panel.tuning.threshold.setValue(round(100 * THRESHOLD))
    panel.tuning.threshold.setSliderDown(False)
    wait(600)
    panel.versions.setCurrentIndex(1)
    panel.versions.activated.emit(1)
    wait_until(lambda: panel.tabs.tabText(2).endswith("[v1]"))
    camera.take("scan-version", panel)
    panel.versions.setCurrentIndex(0)
    panel.versions.activated.emit(0)
    wait_until(lambda: not app.runner.active)
    panel.tabs.setCurrentIndex(0)
    camera.take("scan-long-name", panel)
    panel.show_error(UserError("The scans could not be read", "The history is locked by another program", "Close it"))
    camera.take("scan-error", panel)
    app.scanning.results.reload()
    wait_until(lambda: not app.runner.active)
    media = app.state.media
    app.db.save_scan_results(media.path, "default", "LOGMEL", [(3.0, 5.0, 0.8), (21.0, 24.0, 0.6)])
    app.bridge.session.publish(Changes.of(Kind.SCANS, media.id))
    wait_until(lambda: not app.runner.active)
    panel.tabs.setCurrentIndex(1)
    camera.take("scan-without-scores", panel)
    panel.tabs.setCurrentIndex(2)


def shoot_speech(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """Speech looked for, found, used as a filter, and a search that failed."""
    with program(folder / "speech") as app:
        open_first(app, [with_words(footage[0], folder), *footage[1:]])
        show_results(app)
        panel = app.scanning.panel
        wait_until(lambda: panel.tabs.count() == 3 and not app.runner.active)
        panel.tabs.setCurrentIndex(2)
        find, go_on = speech.track, Event()

        def slow(media: Media, cache: Path, ctx: JobContext) -> SpeechTrack:
            go_on.wait(60)
            return find(media, cache, ctx)

        speech.track = slow
        app.window.actions_table[Act.SPEECH].trigger()
        choose_speech(app, SpeechFilter.ONLY)
        app.window.notices.dismiss()
        camera.take("speech-searching", app.window)
        go_on.set()
        wait_until(lambda: not app.runner.active)
        camera.take("speech-only", app.window)
        choose_speech(app, SpeechFilter.WITHOUT)
        camera.take("speech-without", panel)
        panel.tuning.threshold.setValue(95)
        wait_until(lambda: not app.runner.active)
        choose_speech(app, SpeechFilter.ONLY)
        camera.take("speech-none-left", panel)
        choose_speech(app, SpeechFilter.ANY)
        panel.tuning.threshold.setValue(round(100 * THRESHOLD))
        wait_until(lambda: not app.runner.active)
        app.window.notices.dismiss()
        camera.take("speech-found", app.window)

        def fail(*_: object) -> SpeechTrack:
            raise EnvironmentProblem(
                "Speech cannot be found: the package silero-vad is missing", "", "Run ./setup_env.sh"
            )

        speech.track = fail
        app.controllers.media.open(app.db.lists.entries("default")[1])
        wait_until(lambda: shown_dialog(app.window) is not None)
        camera.take("speech-problem", shown_dialog(app.window))
        shown_dialog(app.window).reject()
        wait_until(lambda: not app.runner.active)
        show_results(app)
        choose_speech(app, SpeechFilter.ONLY)
        wait_until(lambda: shown_dialog(app.window) is not None)
        shown_dialog(app.window).reject()
        app.window.notices.dismiss()
        camera.take("speech-failed", app.window)
        speech.track = find


def choose_speech(app: Program, by: SpeechFilter) -> None:
    """As a person does in the second box above the regions."""
    field = app.scanning.panel.findChild(QComboBox, keys.SPEECH_FILTER.name)
    place = field.findData(by.value)
    field.setCurrentIndex(place)
    field.activated.emit(place)
    wait()


def with_words(video: Path, folder: Path) -> Path:
    """The same film, in which somebody says a sentence now and then."""
    said = [time + shift for time in HITS_S[1::3] for shift in (-0.7, 0.8)]
    sound = write_wav(folder / "words.wav", with_speech(noise(60.0, level=0.003), said))
    target = folder / f"{video.stem} with words{video.suffix}"
    inputs = ("-i", str(video), "-i", str(sound), "-map", "0:v", "-map", "1:a")
    done = run([str(find_tool("ffmpeg")), "-v", "error", "-y", *inputs, "-c:v", "copy", "-c:a", "aac", str(target)])
    if done.returncode:
        raise SystemExit(done.stderr)
    return target


def shoot_told(camera: Camera, app: Program) -> None:
    """Questions, a scan at work, and what is said at its end and by Undo elsewhere."""
    window = app.window
    window.deck.folder.setText("/clips/Hammer on steel")
    app.scanning.jobs.names = lambda: ["default_YAMNET_hammer"]
    app.scanning._ask_to_export()
    wait()
    camera.take("scan-export-question", shown_dialog(window))
    shown_dialog(window).reject()
    app.window.actions_table[Act.JOBS].trigger()

    def work(ctx) -> None:
        ctx.progress(3.4, 8, f"{app.state.media.name}: embedding, 12 of 40 min")
        ended = Event()
        ctx.on_cancel(ended.set)
        ended.wait(60)

    app.runner.submit(Lane.ENGINE, "Scan with default_YAMNET_hammer", work, where="8 files")
    wait(1200)
    camera.take("scan-running", window)
    app.runner.cancel_all()
    wait_until(lambda: not app.runner.active)
    app.runner.clear_finished()
    app.window.actions_table[Act.JOBS].trigger()
    window.notices.dismiss()
    window.notices.tell("41 regions in 7 files, 2 without any, 1 scanned before.", "warning")
    window.notices.tell("holiday.avi was not scanned: Cannot read holiday.avi. The file is empty.", "error")
    camera.take("scan-summary", window)
    window.notices.dismiss()
    reasons = ("The file is empty. Copy it again.", "It has no audio. Choose a file with sound.")
    names = ("holiday.avi", "2026-04-19 interview, camera B.mp4", *(f"reel {number:04d}.mov" for number in range(1, 6)))
    failed = tuple((name, f"Cannot read {name}. {reasons[place % 2]}") for place, name in enumerate(names))
    app.scanning.jobs._tell_all(ScanSummary((), failed[:2]))
    camera.take("scan-none-scanned", window)
    window.notices.dismiss()
    app.scanning.jobs._tell_all(ScanSummary((Scanned(app.state.media, "", ()),), failed))
    camera.take("scan-summary-many", window)
    next(card for card in window.notices._toast.cards if card.action_button).action_button.click()
    wait()
    camera.take("scan-not-scanned", shown_dialog(window))
    shown_dialog(window).close()
    window.notices.dismiss()
    first, second = app.db.lists.entries("default")[:2]
    app.scanning.results.act(RegionAct.ACCEPT, [app.scanning.panel.model.rows[4]])
    app.controllers.media.open(second)
    wait_until(lambda: app.state.media == second and app.state.info is not None and not app.runner.active)
    app.scanning.history.undo()
    camera.take("scan-undo-elsewhere", window)
    app.controllers.media.open(app.db.lists.entries("default")[3])
    window.notices.dismiss()
    app.scanning.panel.set_classifier(app.scanning.jobs.chosen)
    wait()
    wait_until(lambda: app.state.info is not None and not app.runner.active)
    camera.take("scan-trained", window)
    app.controllers.media.open(first)
    wait_until(lambda: app.state.media == first and app.state.info is not None and not app.runner.active)


def shoot_training(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """The Train dialog with its tabs and states, and the hard negatives."""
    with program(folder / "training") as app:
        open_first(app, footage)
        app.scanning.train()
        wait(600)
        dialog = app.scanning.train_dialogs["default"]
        camera.take("train-no-clips", dialog)
        media = app.db.lists.entries("default")
        enter_clips(app, media[:1], folder, ("Hammer on steel",))
        app.bridge.session.publish(Changes.of(Kind.CLIPS, media[0].id))
        wait_until(lambda: "1 video" in dialog.statistics.text() and not app.runner.active)
        camera.take("train-warnings", dialog)
        enter_clips(app, media, folder, ("Hammer on steel", "Other tools", LONG_NAME))
        app.bridge.session.publish(Changes.of(Kind.CLIPS, media[0].id))
        wait_until(lambda: dialog.form.classes.count() == 3 and not app.runner.active)
        dialog.form.check([])
        wait(500)
        camera.take("train-unchecked", dialog)
        dialog.form.check(["Hammer on steel"])
        wait_until(lambda: "4 videos" in dialog.statistics.text() and not app.runner.active)
        dialog.report.show_report(VERSIONS[0].report, VIDEOS)
        dialog.report.show_history(VERSIONS)
        for number, name in enumerate(("train", "train-reliability", "train-videos", "train-history")):
            dialog.report.setCurrentIndex(number)
            if name == "train-history":
                dialog.report.history.selectRow(2)
            camera.take(name, dialog)
        dialog.report.setCurrentIndex(0)
        camera.take("train-compare", dialog)
        dialog._show_running(True)
        show_progress(dialog.progress, 0.43)
        dialog.status.setText("Cross-validation, fold 3 of 5 · 40 s left")
        camera.take("train-running", dialog)
        dialog._show_running(False)
        dialog.resize(dialog.minimumSizeHint())
        camera.take("train-smallest", dialog)
        dialog.report.setCurrentIndex(3)
        camera.take("train-history-smallest", dialog)
        dialog.close()
        shoot_negatives(camera, app, media)
        shoot_weights(camera, app)


def shoot_weights(camera: Camera, app: Program) -> None:
    """What is here and what is not, and the longest of the words beside them."""
    app.scanning.show_weights()
    dialog = app.scanning.weights_dialog
    wait()
    dialog.table.selectRow(1)
    camera.take("weights", dialog)
    dialog.resize(dialog.minimumSize())
    camera.take("weights-smallest", dialog)
    dialog.close()


def shoot_negatives(camera: Camera, app: Program, media: list[Media]) -> None:
    """None, some, under a filter, and the question before all of them go."""
    app.scanning.manage_negatives()
    dialog = app.scanning.negatives_dialogs["default"]
    wait()
    camera.take("negatives-none", dialog)
    for one in media:
        for number, model in enumerate(("LOGMEL", "YAMNET_hammer", "")):
            times = [time + number for time in HITS_S[:: number + 1]]
            app.db.add_hard_negatives(one.path, "default", times, one.path, model)
    dialog.reload()
    wait_until(lambda: dialog.model.rowCount() > 0)
    camera.take("negatives", dialog)
    dialog.sources.setCurrentIndex(2)
    dialog.table.selectRow(1)
    camera.take("negatives-filter", dialog)
    dialog._ask_to_clear()
    wait()
    camera.take("negatives-clear", shown_dialog(dialog))
    shown_dialog(dialog).reject()
    dialog.close()


def save_scans(app: Program, media: Media) -> None:
    """Two versions by one classifier and one by another."""
    rng = np.random.default_rng(3)
    profile_id = app.db.profiles.ensure("default")
    for label, peak in (
        ("YAMNET_hammer", 0.8),
        ("YAMNET_hammer", 0.96),
        ("LOGMEL", 0.7),
        (f"HUBERT_LARGE_ML_{LONG_NAME}", 0.9),
    ):
        scores = np.clip(rng.normal(0.12, 0.05, 117), 0.0, 1.0).astype(np.float32)
        for number, time in enumerate(HITS_S):
            first = round(time / 0.5)
            scores[first : first + 2 + number % 3] = max(0.35, peak - 0.05 * (number * 5 % 9))
        windows = WindowScores(scores, 0.5, 2.0, 60.0)
        found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in find_regions(windows, RegionRule(THRESHOLD, 1.5))]
        made = ScanMade(windows, f"default_{label}", "20260419_120000_000000", THRESHOLD, 1.5)
        app.db.scans.save_scan(profile_id, media.id, label, found, made)


def decide(app: Program) -> None:
    """One region of each state, and a trimmed one."""
    results, rows = app.scanning.results, app.scanning.panel.model.rows
    results.act(RegionAct.ACCEPT, [rows[0]])
    results.act(RegionAct.DISABLE, [rows[2]])
    results.act(RegionAct.NEGATIVE, [rows[3]])
    app.window.timeline.region_resized.emit(rows[4].id, rows[4].start_s, rows[4].end_s - 0.6)


def show_results(app: Program) -> None:
    """The panel with scans of the open media."""
    media = app.state.media
    save_scans(app, media)
    app.bridge.session.publish(Changes.of(Kind.SCANS, media.id))
    if not app.window.actions_table[Act.RIGHT_PANEL].isChecked():
        app.window.actions_table[Act.RIGHT_PANEL].trigger()


def enter_clips(app: Program, media: list[Media], folder: Path, names: tuple[str, ...]) -> None:
    """Classes of clips, as if they had been cut."""
    for one in media:
        for number, name in enumerate(names):
            for time in HITS_S[number :: number + 2]:
                path = folder / name / f"vid_{one.id:03d}" / f"clip_{one.id:03d}_m{round(time)}_0.mp4"
                app.db.add(one.path, time, str(path), clip_count=1, clip_duration=4.0, source_path=one.path)


def report(quality: float) -> dict[str, Any]:
    """Figures of a classifier that is about this good, 0–1."""
    recall = np.linspace(0.995, 0.05, 40)
    precision = 1.0 - 3.0 * (1.0 - quality) * recall ** (4 + 10 * quality)
    thresholds = np.linspace(0.05, 0.97, 40)
    best = int(np.argmax(2 * precision * recall / (precision + recall)))
    sure = int(np.argmax(precision >= 0.95))
    scores = np.linspace(0.05, 0.95, 10)
    return {
        "average_precision": float(quality + 0.03),
        "f1": float(2 * precision[best] * recall[best] / (precision[best] + recall[best])),
        "precision": float(precision[best]),
        "recall": float(recall[best]),
        "threshold": float(thresholds[best]),
        "false_per_hour": 2.4 * (1.2 - quality),
        "grouping": "video",
        "target": {
            "wanted": 0.95,
            "reached": True,
            "threshold": float(thresholds[sure]),
            "precision": float(precision[sure]),
            "recall": float(recall[sure]),
            "low": 0.87,
            "high": 0.98,
        },
        "curve": np.stack([thresholds, precision, recall], axis=1).tolist(),
        "reliability": [[float(x), float(x + 0.06 * np.sin(7 * x)), 30] for x in scores],
        "calibration_error": 0.04,
        "ablation": {"with": {"average_precision": quality}, "without": {"average_precision": quality - 0.06}},
    }


VIDEOS = (
    {"name": "Harbour at dawn, take 2.mp4", "clips": 12, "found": 11, "false": 1, "duration_s": 3723.0},
    {"name": "Workshop – angle grinder.mkv", "clips": 9, "found": 9, "false": 0, "duration_s": 1210.0},
    {"name": "street_004.mp4", "clips": 4, "found": 2, "false": 3, "duration_s": 640.0},
)
VERSIONS = (
    Version("20260421_091500_000000", True, report(0.9)),
    Version("20260420_180200_000000", False, report(0.82), pinned=True),
    Version("20260419_143000_000000", False, report(0.66)),
)

"""Every command of the window in one literal table: what it is called, which keys call it, which menu holds it."""

from __future__ import annotations

from ui.action_spec import MENUS, SUBPROFILES, Act, ActionSpec

__all__ = ["MENUS", "SPECS", "SUBPROFILES", "Act", "ActionSpec"]

SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(Act.OPEN_FILES, "&Open files…", ("Ctrl+O",), "file", "Add videos or audio files", icon="file"),
    ActionSpec(
        Act.OPEN_FOLDER,
        "Open &folder…",
        ("Ctrl+Shift+O",),
        "file",
        "Add all media of a folder",
        icon="folder",
    ),
    ActionSpec(
        Act.REMOVE_FROM_LIST,
        "Remo&ve from list",
        ("Shift+Del",),
        "file",
        "Take the file off the list; nothing on disk changes",
        icon="close",
        starts_group=True,
    ),
    ActionSpec(Act.REVEAL, "&Reveal in folder", ("Ctrl+R",), "file", "Show it in the file manager", icon="search"),
    ActionSpec(Act.COPY_NAME, "&Copy name", ("Ctrl+Shift+C",), "file", "Copy the file's name", icon="copy"),
    ActionSpec(Act.QUIT, "&Quit", ("Ctrl+Q",), "file", "Close 8-cut; running work is stopped", starts_group=True),
    ActionSpec(Act.UNDO, "&Undo", ("Ctrl+Z",), "edit", "Take back the last change", auto_repeat=True, icon="undo"),
    ActionSpec(
        Act.REDO,
        "&Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "edit",
        "Do again what was taken back",
        auto_repeat=True,
        icon="redo",
    ),
    ActionSpec(
        Act.OVERWRITE,
        "&Overwrite batch",
        ("Shift+E",),
        "edit",
        "Make the files of the batch at the cursor anew with the next Export; Esc lets it be",
        icon="export",
        starts_group=True,
    ),
    ActionSpec(Act.EDIT_LABEL, "Edit &label…", ("F3",), "edit", "Label and category of the batch at the cursor"),
    ActionSpec(
        Act.REEXPORT,
        "R&e-export all batches…",
        ("Ctrl+Shift+E",),
        "edit",
        "Make every batch of this file anew with other settings",
    ),
    ActionSpec(Act.REVEAL_CLIPS, "Re&veal clips", ("Ctrl+Alt+R",), "edit", "Show the files of the batch at the cursor"),
    ActionSpec(
        Act.TRAINING,
        "Use for &training",
        ("Ctrl+Alt+T",),
        "edit",
        "Whether the batch at the cursor is trained on",
        checkable=True,
    ),
    ActionSpec(
        Act.DELETE_CLIPS,
        "&Delete clips…",
        ("Ctrl+Del",),
        "edit",
        "Move the files of the batch at the cursor to the trash",
        icon="close",
    ),
    ActionSpec(Act.TRASH, "Tras&h…", (), "edit", "What was deleted, and emptying it", starts_group=True),
    ActionSpec(
        Act.REBUILD_DATASET,
        "Rebuild dataset.&json",
        (),
        "edit",
        "Write dataset.json of the export folder anew from the history",
    ),
    ActionSpec(
        Act.SETTINGS, "&Settings…", ("Ctrl+,",), "edit", "Everything that can be set", icon="gear", starts_group=True
    ),
    ActionSpec(Act.PLAY, "&Play or pause", ("Space", "P"), "play", "Plays the pending batch in a loop", icon="play"),
    ActionSpec(
        Act.PAUSE_AND_SNAP, "Pause at the &cursor", ("K",), "play", "Pause and go back to the cursor", icon="to-cursor"
    ),
    ActionSpec(
        Act.FRAME_BACK,
        "One frame &back",
        ("Left", "J"),
        "play",
        "Go to the frame before",
        auto_repeat=True,
        icon="step-back",
        starts_group=True,
    ),
    ActionSpec(
        Act.FRAME_FORWARD,
        "One frame &forward",
        ("Right", "L"),
        "play",
        "Go to the next frame",
        auto_repeat=True,
        icon="step-forward",
    ),
    ActionSpec(Act.SECOND_BACK, "One second back", ("Shift+Left", "Shift+J"), "play", auto_repeat=True),
    ActionSpec(Act.SECOND_FORWARD, "One second forward", ("Shift+Right", "Shift+L"), "play", auto_repeat=True),
    ActionSpec(
        Act.SHUTTLE_BACK,
        "Shuttle back",
        ("F7",),
        "play",
        "Play backwards; each press doubles the speed",
        starts_group=True,
    ),
    ActionSpec(Act.SHUTTLE_STOP, "Shuttle stop", ("F8",), "play", "Stand still, at normal speed again"),
    ActionSpec(Act.SHUTTLE_FORWARD, "Shuttle forward", ("F9",), "play", "Play forwards; each press doubles the speed"),
    ActionSpec(
        Act.LOOP_ENDS,
        "C&heck the cut",
        ("Shift+Space",),
        "play",
        "Play only the first and the last second of each clip, in turn",
        checkable=True,
        icon="loop",
        starts_group=True,
    ),
    ActionSpec(
        Act.SPEED_1, "Speed &1×", ("Ctrl+1",), "play", "Play at normal speed", checkable=True, starts_group=True
    ),
    ActionSpec(Act.SPEED_2, "Speed &2×", ("Ctrl+2",), "play", "Play twice as fast", checkable=True),
    ActionSpec(Act.SPEED_4, "Speed &4×", ("Ctrl+4",), "play", "Play four times as fast", checkable=True),
    ActionSpec(Act.MUTE, "&Mute", ("Shift+M",), "play", "Sound on or off", checkable=True, icon="volume"),
    ActionSpec(Act.VOLUME_UP, "Lo&uder", ("Ctrl+Up",), "play", auto_repeat=True),
    ActionSpec(Act.VOLUME_DOWN, "&Quieter", ("Ctrl+Down",), "play", auto_repeat=True),
    ActionSpec(Act.NEXT_TRACK, "Next &audio track", ("Shift+A",), "play", "Hear another of the file's audio tracks"),
    ActionSpec(
        Act.NEXT_FILE,
        "&Next file",
        ("N",),
        "play",
        "Open the next file",
        auto_repeat=True,
        starts_group=True,
    ),
    ActionSpec(
        Act.NEXT_MARKER,
        "Next mar&ker",
        ("M",),
        "play",
        "Go to the next exported batch",
        auto_repeat=True,
        icon="marker",
    ),
    ActionSpec(Act.SET_START, "Set &start", ("I",), "clip", "The batch starts at this frame"),
    ActionSpec(Act.SET_END, "Set e&nd", ("O",), "clip", "The batch ends at this frame: as many clips as fit before it"),
    ActionSpec(
        Act.LOCK, "&Lock cursor", ("G",), "clip", "The mouse only looks; the cursor stays", checkable=True, icon="lock"
    ),
    ActionSpec(
        Act.AUTOCLIP,
        "&Autoclip",
        ("A",),
        "clip",
        "As many clips as fit between the cursor and here",
        starts_group=True,
    ),
    ActionSpec(Act.MORE_CLIPS, "&More clips", ("+", "="), "clip", "One more clip in the batch", auto_repeat=True),
    ActionSpec(Act.FEWER_CLIPS, "&Fewer clips", ("-",), "clip", "One clip less in the batch", auto_repeat=True),
    ActionSpec(
        Act.EXPORT, "&Export", ("E",), "clip", "Cut the pending batch to files", icon="export", starts_group=True
    ),
    ActionSpec(Act.NEW_LIST, "&New list…", ("Ctrl+T",), "list", "Another tab of media", icon="plus"),
    ActionSpec(Act.RENAME_LIST, "&Rename list…", ("F2",), "list", "Give the open list another name"),
    ActionSpec(Act.DUPLICATE_LIST, "&Duplicate list", (), "list", "A copy of the open list", icon="copy"),
    ActionSpec(Act.CLOSE_LIST, "&Close list", ("Ctrl+W",), "list", "Take the tab away; its files stay", icon="close"),
    ActionSpec(Act.NEXT_LIST, "Ne&xt list", ("Ctrl+PgDown",), "list", starts_group=True, auto_repeat=True),
    ActionSpec(Act.PREVIOUS_LIST, "Pre&vious list", ("Ctrl+PgUp",), "list", auto_repeat=True),
    ActionSpec(
        Act.PIN_LIST, "&Pin beside", (), "list", "Keep it in sight beside the others", checkable=True, icon="pin"
    ),
    ActionSpec(Act.LIST_FOLDER, "&Export folder of the list…", (), "list", "Where its clips go", icon="folder"),
    ActionSpec(Act.ADD_SEPARATOR, "Add &separator…", (), "list", "A line above the row", starts_group=True),
    ActionSpec(Act.ROWS_UP, "Move &up", ("Alt+Up",), "list", "Move the selected rows up", auto_repeat=True),
    ActionSpec(Act.ROWS_DOWN, "Move d&own", ("Alt+Down",), "list", "Move the selected rows down", auto_repeat=True),
    ActionSpec(Act.HIDE_FILES, "&Hide or show files", ("Ctrl+H",), "list", "Hide the selected files in the lists"),
    ActionSpec(Act.DISABLE_FILES, "&Training on or off", ("Ctrl+D",), "list", "Keep files out of training, or not"),
    ActionSpec(Act.RELINK, "Relin&k file…", (), "list", "Say where a missing file is now", starts_group=True),
    ActionSpec(Act.FIND_MISSING, "Find &missing files…", (), "list", "Look for all of them in a folder", icon="search"),
    ActionSpec(Act.TRASH_FILES, "Move files to tr&ash…", (), "list", "The source files themselves", icon="trash"),
    ActionSpec(Act.FILTER_LIST, "&Filter by name", ("Ctrl+F",), "list", "Go to the filter", starts_group=True),
    ActionSpec(Act.HIDE_EXPORTED, "Hide exported", (), "list", "Leave out files that have clips", checkable=True),
    ActionSpec(Act.SHOW_HIDDEN, "Show h&idden", (), "list", "Show hidden files among the others", checkable=True),
    ActionSpec(
        Act.LIST_COLUMNS, "&Columns…", (), "list", "Figures beside the names, to sort and filter by", starts_group=True
    ),
    ActionSpec(
        Act.LOAD_CORPUS, "Load corpus resul&ts…", (), "list", "Figures that 8cut.sh corpus found in many videos"
    ),
    ActionSpec(Act.PROFILES, "Manage &profiles…", (), "profile", "Make, rename, copy and delete them", icon="gear"),
    ActionSpec(Act.SUBPROFILES, "Manage &subprofiles…", (), "profile", "Variants of the exports, on the keys 1 to 9"),
    *(
        ActionSpec(
            act,
            f"Export to subprofile &{key}",
            (str(key),),
            "profile",
            f"Cut the pending batch to the subprofile with the key {key}",
            starts_group=key == 1,
        )
        for key, act in enumerate(SUBPROFILES, start=1)
    ),
    ActionSpec(Act.CROP_NEXT_RATIO, "Next &ratio", ("C",), "crop", "Off, 9:16, 4:5, 1:1, and off again", icon="crop"),
    ActionSpec(
        Act.KEYFRAME_ADD,
        "&Add keyframe",
        ("Ctrl+K",),
        "crop",
        "From the playhead on, clips are cropped like this",
        starts_group=True,
    ),
    ActionSpec(Act.KEYFRAME_MOVE, "&Move keyframe here", ("Ctrl+Alt+K",), "crop", "Let it begin at the playhead"),
    ActionSpec(
        Act.KEYFRAME_DELETE, "&Delete keyframe", ("Ctrl+Shift+K",), "crop", "Delete the one in force at the playhead"
    ),
    ActionSpec(Act.KEYFRAME_PREVIOUS, "&Previous keyframe", ("Alt+Left",), "crop", auto_repeat=True),
    ActionSpec(Act.KEYFRAME_NEXT, "&Next keyframe", ("Alt+Right",), "crop", auto_repeat=True),
    ActionSpec(
        Act.TRACK_SUBJECT,
        "&Track subject",
        ("Ctrl+Shift+F",),
        "crop",
        "Let a detector find the person in the batch and propose keyframes",
        icon="search",
    ),
    ActionSpec(
        Act.EXPORT_9_16,
        "Export in &9:16",
        ("Alt+9",),
        "crop",
        "This one batch, whatever ratio is chosen",
        icon="export",
        starts_group=True,
    ),
    ActionSpec(Act.EXPORT_4_5, "Export in &4:5", ("Alt+4",), "crop", "This one batch, whatever ratio is chosen"),
    ActionSpec(Act.EXPORT_1_1, "Export in &1:1", ("Alt+1",), "crop", "This one batch, whatever ratio is chosen"),
    ActionSpec(
        Act.END_FRAME,
        "&End frame",
        ("Ctrl+Alt+E",),
        "crop",
        "A second view: the last frame of the batch with its crop",
        checkable=True,
        starts_group=True,
    ),
    ActionSpec(Act.TRAIN, "&Train…", ("F6",), "scan", "Learn a sound from the clips you cut"),
    ActionSpec(
        Act.SCAN_FILE,
        "Scan this &file",
        ("F5",),
        "scan",
        "Find the sound in the open file",
        icon="search",
        starts_group=True,
    ),
    ActionSpec(Act.SCAN_ALL, "Scan &all of the list…", ("Shift+F5",), "scan", "Find the sound in every file listed"),
    ActionSpec(Act.SCAN_FOLDER, "Scan a f&older…", (), "scan", "Add all media of a folder to the list and scan them"),
    ActionSpec(
        Act.SCAN_EXPORT,
        "Scan and &export all…",
        (),
        "scan",
        "Scan every file listed and cut clips of all regions, without a look in between",
        starts_group=True,
    ),
    ActionSpec(
        Act.NEXT_REGION, "&Next region", ("S",), "scan", "Go to the next hit", auto_repeat=True, starts_group=True
    ),
    ActionSpec(Act.PREVIOUS_REGION, "&Previous region", ("Shift+S",), "scan", "Go to the hit before", auto_repeat=True),
    ActionSpec(
        Act.REVIEW,
        "&Review",
        ("Shift+R",),
        "scan",
        "Play one region after the other: A accepts, X rejects, N marks a hard negative",
        checkable=True,
    ),
    ActionSpec(
        Act.NEGATIVES,
        "Manage &hard negatives…",
        (),
        "scan",
        "What was marked as not the sound",
        starts_group=True,
    ),
    ActionSpec(Act.WEIGHTS, "Embedding &models…", (), "scan", "Which weights are here, and ways to get the others"),
    ActionSpec(Act.LABEL_NOW, "&Label now", ("F4",), "label", "Judge one item of the project after the other"),
    ActionSpec(
        Act.LABEL_PROJECTS, "&Projects…", ("Shift+F4",), "label", "Make projects, add items, see how far they are"
    ),
    ActionSpec(
        Act.LABEL_AGREEMENT,
        "&Agreement…",
        (),
        "label",
        "How far coders agree, and deciding where they do not",
        starts_group=True,
    ),
    ActionSpec(Act.LABEL_ROUNDS, "&Rounds…", (), "label", "Learn from the labels, and choose what to label next"),
    ActionSpec(Act.LABEL_DOUBTS, "&Check these…", (), "label", "Labels that are likely wrong"),
    ActionSpec(
        Act.LABEL_REGIONS,
        "&Judge regions",
        (),
        "label",
        "Add the selected regions of the scan results to the project",
        starts_group=True,
    ),
    ActionSpec(Act.LABEL_USE, "&Use labels…", (), "label", "Turn windows into clips, hard negatives or training"),
    ActionSpec(
        Act.ZOOM_IN, "Zoom &in", ("Ctrl++", "Ctrl+="), "view", "Show less time", auto_repeat=True, icon="zoom-in"
    ),
    ActionSpec(Act.ZOOM_OUT, "Zoom ou&t", ("Ctrl+-",), "view", "Show more time", auto_repeat=True, icon="zoom-out"),
    ActionSpec(Act.ZOOM_RESET, "Show &all", ("Ctrl+0",), "view", "Show the whole file", icon="zoom-fit"),
    ActionSpec(
        Act.SPECTROGRAM,
        "&Spectrogram",
        ("Alt+W",),
        "view",
        "Pitches of the sound under the waveform",
        checkable=True,
        starts_group=True,
    ),
    ActionSpec(
        Act.THUMBNAILS, "Th&umbnails", ("Alt+T",), "view", "Pictures of the video over the waveform", checkable=True
    ),
    ActionSpec(Act.SPEECH, "Sp&eech", ("Alt+K",), "view", "Where someone speaks, on the waveform", checkable=True),
    ActionSpec(
        Act.LEFT_PANEL, "&Left panel", ("Ctrl+B",), "view", checkable=True, icon="panel-left", starts_group=True
    ),
    ActionSpec(Act.RIGHT_PANEL, "&Right panel", ("Ctrl+Shift+B",), "view", checkable=True, icon="panel-right"),
    ActionSpec(Act.DECK, "Control &deck", ("Ctrl+Shift+D",), "view", "The panels under the timeline", checkable=True),
    ActionSpec(
        Act.DECK_COLUMNS,
        "Deck side &by side",
        ("Alt+D",),
        "view",
        "The deck's panels in columns instead of tabs",
        checkable=True,
    ),
    ActionSpec(Act.JOBS, "&Jobs", ("Ctrl+J",), "view", "Running and finished work", checkable=True),
    ActionSpec(Act.LOG, "L&og…", ("Ctrl+L",), "view", "What 8-cut wrote down about its work", icon="log"),
    ActionSpec(
        Act.THEME,
        "Li&ght theme",
        ("Ctrl+Shift+T",),
        "view",
        "Switch between dark and light",
        checkable=True,
    ),
    ActionSpec(
        Act.FULL_SCREEN, "&Full screen", ("F", "F11"), "view", checkable=True, icon="full-screen", starts_group=True
    ),
    ActionSpec(Act.FOCUS_VIDEO, "Back to the &video", ("Esc",), "view", "Leave a field; keys go to the video again"),
    ActionSpec(
        Act.SHORTCUTS, "&Keyboard shortcuts…", ("?", "F1"), "help", "All keys; change them here", icon="keyboard"
    ),
    ActionSpec(Act.WHATS_NEW, "&What’s new…", (), "help", "What has changed in this version"),
    ActionSpec(Act.ABOUT, "&About 8-cut…", (), "help", "Version, licence, and what 8-cut is made of", icon="info"),
)

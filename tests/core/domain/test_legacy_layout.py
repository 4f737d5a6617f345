"""The plan for the oldest exports: one folder per video, profile and export folder; nothing overwritten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip_place import ClipPlace
from core.domain.legacy_layout import LegacyClip, LegacyMove, LegacyPlan, LegacyPlanner, is_legacy_path


def plan(clips: list[LegacyClip], disk: set[str], owners: dict | None = None, last: dict | None = None) -> LegacyPlan:
    planner = LegacyPlanner(last or {}, disk.__contains__, lambda folder: (owners or {}).get(folder, set()))
    return planner.plan(clips)


def test_what_is_legacy() -> None:
    for path in ("/o/c/clip_001/clip_001_0.mp4", "/o/c/clip_012/clip_012.mp4", "C:\\o\\clip_1\\clip_1_2.mkv"):
        assert is_legacy_path(path), path
    assert is_legacy_path("/o/c/clip_001/clip_001_0"), "a folder of pictures"
    for path in ("/o/c/vid_001/clip_001_m1_0.mp4", "/o/clip_001/clip_002_0.mp4", "/o/clip_001/x.mp4", "clip_001_0.mp4"):
        assert not is_legacy_path(path), path


def test_the_media_number_names_the_folder() -> None:
    clips = [
        LegacyClip("/o/c/clip_005/clip_005_0.mp4", (1, 1), 3),
        LegacyClip("/o/d/clip_006/clip_006_0.mp4", (1, 1), 3),
    ]
    found = plan(clips, {clip.path for clip in clips}, last={1: 3})
    assert found.moves == (
        LegacyMove(clips[0].path, "/o/c/vid_003/clip_005_0.mp4", (1, 1), 3),
        LegacyMove(clips[1].path, "/o/d/vid_003/clip_006_0.mp4", (1, 1), 3),
    )
    assert found.text == "2 files move to 2 folders"


def test_a_media_without_number_gets_the_next_and_keeps_it() -> None:
    clips = [LegacyClip(f"/o/{folder}/clip_00{n}/clip_00{n}_0.mp4", (1, 9), None) for folder in "cd" for n in (1, 2)]
    found = plan(clips, {clip.path for clip in clips}, last={1: 4})
    assert {move.number for move in found.moves} == {5}


def test_a_folder_of_another_owner_is_left_to_it() -> None:
    clip = LegacyClip("/o/c/clip_005/clip_005_0.mp4", (1, 1), 3)
    found = plan([clip], {clip.path}, {"/o/c/vid_003": {(2, 7)}, "/o/c/vid_004": {(0, 0)}}, last={1: 3})
    assert [move.number for move in found.moves] == [5]
    own = plan([clip], {clip.path}, {"/o/c/vid_003": {(1, 1)}}, last={1: 3})
    assert [move.number for move in own.moves] == [3]


def test_missing_files_and_taken_names_stay() -> None:
    clips = [LegacyClip(f"/o/c/clip_00{n}/clip_00{n}_0.mp4", (1, 1), 1) for n in (1, 2, 3)]
    disk = {clips[0].path, clips[2].path, "/o/c/vid_001/clip_001_0.mp4"}
    found = plan([*clips, clips[2]], disk, last={1: 1})
    assert [move.source for move in found.moves] == [clips[2].path]
    assert dict(found.staying) == {
        clips[0].path: "/o/c/vid_001/clip_001_0.mp4 is taken",
        clips[1].path: "the file is missing",
    }
    assert found.text == "1 files move to 1 folders, 2 stay where they are"


owners = st.tuples(st.integers(1, 2), st.integers(1, 3))


@given(
    st.lists(st.tuples(st.sampled_from(["/o/c", "/o/d", "C:\\o"]), st.integers(1, 4), st.integers(0, 2), owners)),
    st.dictionaries(owners, st.integers(1, 3)),
    st.sets(st.integers(1, 4)),
)
def test_plans_never_mix_owners_nor_reuse_names(entries: list, numbers: dict, foreign: set[int]) -> None:
    taken: dict[tuple[int, int], tuple[int, int]] = {}
    numbers = {owner: n for owner, n in numbers.items() if taken.setdefault((owner[0], n), owner) == owner}
    clips = []
    for folder, group, index, owner in entries:
        slash = "\\" if "\\" in folder else "/"
        path = f"{folder}{slash}clip_{group:03d}{slash}clip_{group:03d}_{index}.mp4"
        clips.append(LegacyClip(path, owner, numbers.get(owner)))
    blocked = {f"/o/c/vid_{n:03d}": {(0, 0)} for n in foreign}
    last = {profile: max((n for (p, _), n in numbers.items() if p == profile), default=0) for profile in (1, 2)}
    found = plan(clips, {clip.path for clip in clips}, blocked, last)
    assert len({move.target for move in found.moves}) == len(found.moves)
    folders: dict[str, set] = {}
    for move in found.moves:
        place = ClipPlace.of(move.target)
        assert place.media_number == move.number
        assert place.folder == ClipPlace.of(move.source).folder
        folder = move.target[: -len(move.target.replace("\\", "/").rpartition("/")[2]) - 1]
        assert folder not in blocked
        folders.setdefault(folder, set()).add(move.owner)
        assert taken.get((move.owner[0], move.number), move.owner) == move.owner
        taken[move.owner[0], move.number] = move.owner
    assert all(len(who) == 1 for who in folders.values())
    assert {path for path, _ in found.staying} | {move.source for move in found.moves} == {c.path for c in clips}

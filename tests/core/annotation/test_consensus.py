"""Gold, else the majority, each task on its own."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from core.annotation.consensus import decide, labels
from core.domain.annotation import NA, Answer

_numbers = itertools.count()


def answer(item: str, task: str, coder: str, label: str, **more: object) -> Answer:
    return Answer(str(next(_numbers)), item, task, coder, label, **more)


def test_gold_beats_the_majority_and_tasks_do_not_touch_each_other() -> None:
    answers = [answer("i", "t", coder, "a") for coder in "xyz"] + [answer("i", "u", "x", "c")]
    assert labels(answers, {("i", "t"): "b"}) == {"t": {"i": "b"}, "u": {"i": "c"}}
    assert labels(answers, {("j", "u"): "d"}) == {"t": {"i": "a"}, "u": {"i": "c", "j": "d"}}


def test_a_tie_is_no_label_and_is_told() -> None:
    found = decide([answer("i", "t", "x", "a"), answer("i", "t", "y", "b"), answer("j", "t", "x", "a")], {})
    assert found.labels == {"t": {"j": "a"}}
    assert found.ties == {"t": {"i"}}
    three = [answer("i", "t", coder, label) for coder, label in zip("wxyz", "aabb", strict=True)]
    assert decide([*three, answer("i", "t", "v", "c")], {}).ties == {"t": {"i"}}


def test_na_is_a_vote_but_nothing_to_learn() -> None:
    votes = [answer("i", "t", coder, label) for coder, label in (("x", NA), ("y", NA), ("z", "a"))]
    found = decide(votes, {("j", "t"): NA})
    assert found.labels == {}
    assert found.not_applicable == {"t": {"i", "j"}}


def test_repeats_withdrawn_and_older_answers_do_not_count() -> None:
    votes = [
        answer("i", "t", "x", "a", saved_at="2026-01-02"),
        answer("i", "t", "x", "b", saved_at="2026-01-01"),
        answer("i", "t", "x", "b", saved_at="2026-01-03", repeat=True),
        answer("i", "t", "y", "b", withdrawn=True),
    ]
    assert labels(votes, {}) == {"t": {"i": "a"}}
    assert labels(reversed(votes), {}) == {"t": {"i": "a"}}
    assert labels([], {}) == {}


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ij"), st.sampled_from("tu"), st.sampled_from("vwxyz"), st.sampled_from(["a", "b", NA])
        ),
        max_size=30,
        unique_by=lambda row: row[:3],
    )
)
def test_a_label_has_more_votes_than_any_other(rows: list[tuple[str, str, str, str]]) -> None:
    found = decide([answer(*row) for row in rows], {})
    for item, task in itertools.product("ij", "tu"):
        votes = [label for row_item, row_task, _, label in rows if (row_item, row_task) == (item, task)]
        places = [
            item in found.labels.get(task, {}),
            item in found.ties.get(task, ()),
            item in found.not_applicable.get(task, ()),
        ]
        assert sum(places) == bool(votes)
        if places[0]:
            label = found.labels[task][item]
            assert all(votes.count(label) > votes.count(other) for other in ("a", "b", NA) if other != label)

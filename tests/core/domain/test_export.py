from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings, request_from_json, request_to_json
from core.domain.media import Media

requests = st.builds(
    CutRequest,
    media=st.builds(Media, st.integers(1), st.text(), st.text()),
    batch=st.builds(Batch, st.floats(0, 1e5), st.integers(1, 99), st.floats(0.5, 30), st.floats(2, 30)),
    settings=st.builds(ExportSettings, folder=st.text(), label=st.text(), short_side=st.none() | st.integers(2, 4320)),
    profile=st.text(),
    scan_export=st.booleans(),
)


@given(requests)
def test_a_request_survives_its_journey_through_json(request: CutRequest) -> None:
    assert request_from_json(json.loads(json.dumps(request_to_json(request)))) == request


def test_a_request_of_another_version_is_understood() -> None:
    request = CutRequest(Media(1, "b3-x", "/a.mp4"), Batch(1.0), ExportSettings("/out"))
    data = request_to_json(request)
    data["from_the_future"] = True
    data["settings"]["also_new"] = 1
    del data["settings"]["audio"]
    assert request_from_json(data) == request

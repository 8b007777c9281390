"""What each release has exported and signed is verified by this one."""

import pytest
from django.conf import settings

from bars import golden

RELEASES = sorted(path.name for path in golden.GOLDEN.iterdir() if path.is_dir())

pytestmark = pytest.mark.slow  # programs are run


def test_this_release_has_left_its_export():
    assert settings.SOFTWARE_VERSION in RELEASES


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_is_verified_as_on_its_first_day(release):
    verdicts = list(golden.verified(golden.GOLDEN / release))

    assert verdicts == [""] * 3


@pytest.mark.parametrize("release", RELEASES)
def test_a_byte_changed_in_it_is_found_by_both_programs(release):
    verdicts = list(golden.spoilt(golden.GOLDEN / release))

    assert len(verdicts) >= 12
    assert not any(verdicts)


@pytest.mark.parametrize("release", RELEASES)
def test_it_holds_all_that_an_export_may_hold(release):
    folder = golden.GOLDEN / release / golden.EXPORT

    told = (golden.GOLDEN / release / golden.EXPECTED).read_text()
    assert "défauts : 0" in told
    assert "effacé le" in told
    assert len((folder / "keys.jsonl").read_text().splitlines()) > 1
    assert list((folder / "timestamps").glob("*.tsr"))
    assert '"leaf":null' in (folder / "events.jsonl").read_text()
    assert "inscription" in told

import pytest

from bozzetto.tools import run_tests
from bozzetto.tools.run_tests import Outcome

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>
<testcase name="c"><skipped message="the moon is full"/></testcase>
</testsuite></testsuites>"""


def test_report_counts_passes_and_keeps_reasons(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    assert run_tests._read_report(path) == (1, ("the moon is full",))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome("unit", False, 1.0, 3), 0),
        (Outcome("unit", True, 1.0, 3), 1),
        (Outcome("unit", False, 1.0, 3, ("the moon is full",)), 1),
        (Outcome("unit", False, 1.0, 3, ("real Blender (trixie) is not set up",)), 0),
        (Outcome("unit", False, 1.0, 0), 1),
    ],
)
def test_only_listed_skips_and_real_passes_are_green(outcome, status, capsys):
    assert run_tests._conclude([outcome], selected=False) == status
    assert f"{outcome.passed} passed" in capsys.readouterr().out

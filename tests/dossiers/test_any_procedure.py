"""The trail, its audit and its dossiers are those of every procedure."""

import io
import subprocess
import sys
import zipfile

import pypdf
import pytest
from django.urls import reverse

from tests.committees import factories
from tests.operations.factories import auditor
from tests.workflow.test_sealing import seal

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
    pytest.mark.slow,  # pages are printed
]


@pytest.fixture
def sitting():
    found = factories.closed()
    seal()
    return found


@pytest.fixture
def looking(client):
    client.force_login(auditor())
    return client


def test_a_sitting_has_a_dossier_that_proves_itself(looking, sitting, tmp_path):
    page = looking.get(reverse("committees:detail", args=[sitting.pk]))
    assert f'action="{reverse("dossier", args=[sitting.pk])}"' in page.text
    assert "de la séance" in looking.get(reverse("dossier", args=[sitting.pk])).text

    response = looking.post(reverse("dossier", args=[sitting.pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    archive.extractall(tmp_path)

    verifier = [sys.executable, "-I", tmp_path / "preuve/verifier.py"]
    assert subprocess.run(verifier, check=False).returncode == 0
    reader = pypdf.PdfReader(tmp_path / "synthese.pdf")
    printed = " ".join(page.extract_text() for page in reader.pages)
    assert sitting.case.reference in printed
    assert "Décisions" in printed


def test_a_sitting_is_audited_like_any_case(looking, sitting):
    reference = sitting.case.reference
    case = reverse("audit:case", args=[reference])
    found = looking.get(reverse("audit:search"), {"reference": reference})
    assert {row.event.case for row in found.context["rows"]} == {sitting.case}

    page = looking.get(case).text

    assert reverse("committees:as_of", args=[sitting.pk]) in page
    assert "operations/" not in page.split("<main")[1].split("</main>")[0]
    done = looking.post(reverse("audit:verify_case", args=[reference]))
    assert done.context["report"].holds
    assert done.context["report"].seals.sealed == sitting.case.latest_seq

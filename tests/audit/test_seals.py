"""What seals the trail is shown, given, and compared with what others keep."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from flows.operation import State
from tests.audit.pages import page, text
from tests.desk import scenes
from tests.intruder import guards_down
from tests.library.factories import NOW
from tests.operations.factories import operation_at
from tests.operations.forms import text_of
from tests.workflow.test_sealing import ORIGIN, key, seal, truncate
from workflow.models import Checkpoint, Event, Leaf, SealingKey
from workflow.trail import notes, sealing, witnesses
from workflow.trail.notes import Signer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def case():
    """Seal two operations, one after the other; give the first."""
    case = operation_at(State.DRAFT).case
    seal()
    operation_at(State.DRAFT)
    seal(NOW + datetime.timedelta(hours=1))
    return case


def sizes():
    return list(Checkpoint.objects.order_by("size").values_list("size", flat=True))


def compared(client, text="", **said):
    response = client.post(reverse("audit:compare"), {"text": text, **said})
    return text_of(response)


@pytest.mark.parametrize(
    ("name", "args"), [("seals", []), ("compare", []), ("note", [1])]
)
@pytest.mark.parametrize("who", [scenes.owner, scenes.director])
def test_nobody_else_knows_of_them(client, name, args, who):
    client.force_login(who())

    url = reverse(f"audit:{name}", args=args)
    assert client.get(url).status_code == 404
    assert client.post(url).status_code in {404, 405}


def test_checkpoints_keys_and_witnesses_are_shown(
    client, auditor, case, settings, tmp_path
):
    settings.WITNESS_DIR = str(tmp_path)
    latest = Checkpoint.objects.latest("size")
    witnesses.keep(latest, at=NOW)
    new = Signer.of_pem(ORIGIN, Signer.new_pem())
    sealing.rotate(by=key(), to=new, at=NOW + datetime.timedelta(hours=2))

    response = page(client, "seals")
    said = text_of(response)

    assert [one.size for one, _ in response.context["checkpoints"]] == sizes()[::-1]
    assert bytes(latest.root).hex() in said
    assert str(key().verifier) in said
    assert str(new.verifier) in said
    assert "Celle d’avant s’en porte garante" in said
    assert f"2026-03-02 : taille {latest.size}, même racine" in said


def test_a_witness_that_saw_something_else_is_told(
    client, auditor, case, settings, tmp_path
):
    settings.WITNESS_DIR = str(tmp_path)
    (tmp_path / "2026-01-01.note").write_text("rien")
    forged = notes.checkpoint(ORIGIN, sizes()[0], bytes(32), NOW)
    (tmp_path / "2026-01-02.note").write_text(notes.signed(forged, [key()]))

    said = text(client, "seals")

    assert "2026-01-01 : illisible" in said
    assert "2026-01-02 : taille" in said
    assert "autre racine" in said


def test_before_anything_is_sealed_the_page_says_what_to_do(client, auditor):
    said = text(client, "seals")

    assert "Rien n’est encore scellé" in said
    assert "Aucune clé n’est déclarée" in said
    assert "Ce serveur ne voit aucun témoin" in said


def test_a_note_is_given_as_it_was_signed(client, auditor, case):
    checkpoint = Checkpoint.objects.latest("size")

    response = page(client, "note", checkpoint.size)

    assert response.content.decode() == checkpoint.note
    assert response["Content-Type"].startswith("text/plain")
    assert "attachment" in response["Content-Disposition"]


def test_a_note_of_the_past_is_found_in_the_log(client, auditor, case):
    for size in sizes():
        note = Checkpoint.objects.get(size=size).note
        said = compared(client, note)
        assert "Ce journal contient ce que le témoin a vu" in said
        assert "signée par une clé de ce journal" in said
        # As a browser sends what is pasted, and as a file.
        assert "contient ce que" in compared(client, note.replace("\n", "\r\n"))
        file = SimpleUploadedFile("temoin.note", note.encode())
        assert "contient ce que" in compared(client, file=file)


def test_a_log_that_was_written_again_is_denounced(client, auditor, case):
    note = Checkpoint.objects.earliest("size").note
    with guards_down():
        Leaf.objects.filter(index=1).update(hash=bytes(32))

        said = compared(client, note)

    assert "Ce journal n’est pas celui que le témoin a vu" in said


def test_a_log_that_goes_on_otherwise_is_denounced(client, auditor, case):
    note = Checkpoint.objects.earliest("size").note
    with guards_down():
        Leaf.objects.filter(index=sizes()[-1] - 1).update(hash=bytes(32))

        said = compared(client, note)

    assert "La suite du journal a été altérée" in said


def test_a_log_cut_short_is_denounced(client, auditor, case):
    note = Checkpoint.objects.latest("size").note
    truncate(sizes()[0])

    assert "n’a pas tout ce que le témoin a vu" in compared(client, note)


def test_a_note_that_nobody_signed_engages_nobody(client, auditor, case):
    latest = Checkpoint.objects.latest("size")
    text = notes.checkpoint(ORIGIN, latest.size, bytes(latest.root), latest.at)
    forger = Signer.of_pem(ORIGIN, Signer.new_pem())

    said = compared(client, notes.signed(text, [forger]))

    assert "Aucune clé de ce journal n’a signé cette note" in said


def test_the_note_of_another_log_is_told(client, auditor, case):
    text = notes.checkpoint("ailleurs.example/journal", 3, bytes(32), NOW)

    assert "celle d’un autre journal" in compared(client, notes.signed(text, [key()]))


def test_a_receipt_is_compared_with_its_event(client, auditor, case):
    event = Event.objects.get(case=case, seq=2)
    printed = bytes(event.hash).hex()
    receipt = f"Reçu : n°\u00a02 au journal de {case.reference}, empreinte {{}}."

    for hash_ in (printed, printed[:12]):
        said = compared(client, receipt.format(hash_))
        assert "Ce journal contient ce que dit le reçu" in said
        assert "Scellé : feuille" in said
    false = receipt.format("0" * 12)
    assert "dit autre chose que le reçu" in compared(client, false)
    other = receipt.format(printed).replace(case.reference, "R-2026-99999")
    assert "n’a pas l’événement du reçu" in compared(client, other)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"text": "bonjour"}, "ni une note signée, ni un reçu"),
        ({"text": ""}, "Collez une note ou un reçu"),
        ({"file": b"\xff\xfe\x00"}, "n’est pas un texte"),
        ({"file": b"x" * 30_000}, "trop long"),
        ({"text": "x\n-1\nAA==\n\n\u2014 x AAAAAA==\n"}, "ni une note signée"),
    ],
)
def test_what_is_neither_note_nor_receipt_is_said_so(client, auditor, said, answer):
    if "file" in said:
        said = {"file": SimpleUploadedFile("x.note", said["file"])}

    response = client.post(reverse("audit:compare"), said)

    assert response.status_code == 422
    assert answer in text_of(response)


def test_a_key_that_was_altered_signs_nothing(client, auditor, case):
    note = Checkpoint.objects.latest("size").note
    with guards_down():
        SealingKey.objects.update(verifier="autre", body="{")

        assert "Aucune clé de ce journal" in compared(client, note)
        assert "Première clé" in text(client, "seals")

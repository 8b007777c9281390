"""The communes that somebody means when she types a name."""

from erbm.operations.search import fold
from erbm.territory.models import Commune


def meant_by(text: str) -> list[int]:
    """
    Return the ids of the communes of that name or INSEE code.

    Accents and capitals are ignored. Where no commune has just that name, those whose
    name begins so are meant.
    """
    wanted, whole, begun = fold(text), [], []
    for pk, code, name in Commune.objects.values_list("pk", "code", "name"):
        folded = fold(name)
        if wanted in {folded, code.lower()}:
            whole.append(pk)
        elif wanted and folded.startswith(wanted):
            begun.append(pk)
    return whole or begun

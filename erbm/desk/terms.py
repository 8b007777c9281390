"""The words of the house, defined for those who read them on a page.

`docs/glossary.md` says how the code calls them; each word stands there too.
"""

from collections.abc import Mapping

TERMS: Mapping[str, str] = {
    "ABF": (
        "Architecte des Bâtiments de France, consulté quand un monument ou un site "
        "protégé est proche."
    ),
    "acte attributif": (
        "L’arrêté ou la convention par lesquels une subvention est attribuée."
    ),
    "avis": (
        "Ce qu’un service consulté pense d’une opération : favorable, avec réserves, "
        "défavorable, ou sans observation."
    ),
    "caducité": (
        "Une subvention tombe quand les travaux n’ont pas commencé à temps ; "
        "une autorité le constate, jamais le logiciel."
    ),
    "chef de file": "Le service de l’État qui conduit l’instruction d’une opération.",
    "comité d’arrondissement": (
        "L’instance des partenaires dans un arrondissement ; le sous-préfet la préside."
    ),
    "COPIL": (
        "Comité de pilotage du programme, coprésidé par le préfet de région et le "
        "président de la Région : son accord demande les deux signatures."
    ),
    "dispositif": (
        "Les règles selon lesquelles un financeur paie : DETR, DSIL, FNADT, Région…"
    ),
    "DPE": (
        "Diagnostic de performance énergétique : l’étiquette d’un logement, de A à G."
    ),
    "EJ": ("Engagement juridique : le numéro sous lequel l’État paie une subvention."),
    "enveloppe": (
        "Les crédits d’un dispositif pour une année et un territoire ; elle n’est "
        "jamais dépassée."
    ),
    "EPCI": (
        "Établissement public de coopération intercommunale : un groupement de "
        "communes. Huit sont partenaires du programme."
    ),
    "étape": (
        "Une des cinq parties du chemin d’une opération : proposition, comité, COPIL, "
        "financement, réalisation."
    ),
    "geste": (
        "Ce qui fait passer un dossier d’un état à un autre ; chacun laisse une ligne "
        "au journal."
    ),
    "journal": (
        "Tout ce qui est arrivé à un dossier, dans l’ordre ; rien n’y est modifié ni "
        "retiré."
    ),
    "opération": (
        "Ce que le programme réhabilite ou subventionne, de sa proposition à sa "
        "clôture."
    ),
    "porteur": (
        "L’organisme qui conduit une opération et en répond : un bailleur, une "
        "commune, un EPCI."
    ),
    "prise en charge": ("Une personne dit à son unité qu’elle s’occupe d’une tâche."),
    "quorum": ("La part des voix qui doit être présente ou représentée pour décider."),
    "SGAR": (
        "Secrétariat général pour les affaires régionales, auprès du préfet de région."
    ),
    "tâche": "Ce qui est demandé à une unité sur un dossier, avec son échéance.",
}


def meaning_of(word: str) -> str:
    """
    Return what a word means.

    :raises KeyError: if the house has no such word
    """
    return TERMS[word]

"""What each column of the State's file of grants is called, in the editions we know.

The names of the 2019 edition come first; the others are those of its own notice and
those that other years use or may use.
"""

from erbm.imports.columns import Column

COLUMNS = (
    Column(
        "source_id",
        "identifiant du projet",
        (
            "id_projet",
            "identifiant du projet",
            "identifiant projet",
            "identifiant",
            "numéro de dossier",
            "n° de dossier",
            "numéro dossier",
            "id",
        ),
    ),
    Column(
        "place_code",
        "code de la collectivité",
        (
            "id_terr",
            "code insee",
            "code insee commune",
            "code commune",
            "insee",
            "code collectivité",
            "code territoire",
            "identifiant collectivité",
            "siren epci",
        ),
    ),
    Column(
        "scheme",
        "dotation",
        (
            "dotation",
            "dispositif",
            "type de dotation",
            "nom de la dotation",
            "dispositif sollicité",
        ),
    ),
    Column(
        "description",
        "description du projet",
        (
            "description",
            "description du projet",
            "intitulé du projet",
            "intitulé",
            "libellé du projet",
            "libellé",
            "objet",
            "nom du projet",
            "intitulé de l’opération",
            "projet",
        ),
    ),
    Column(
        "cost",
        "coût total",
        (
            "cout_total",
            "coût total du projet",
            "coût total ht",
            "coût du projet",
            "coût ht",
            "montant total du projet",
            "coût",
            "coût total de l’opération",
            "montant total des dépenses",
        ),
    ),
    Column(
        "grant",
        "montant de la subvention",
        (
            "montant_sub",
            "montant de subvention attribuée",
            "montant de la subvention",
            "montant subvention",
            "subvention attribuée",
            "subvention accordée",
            "montant attribué",
            "montant accordé",
            "subvention",
            "montant de la subvention demandée",
            "subvention demandée",
            "montant demandé",
        ),
    ),
    Column(
        "place_name",
        "nom de la collectivité",
        (
            "nom_terr",
            "nom de la collectivité",
            "collectivité",
            "nom du bénéficiaire",
            "bénéficiaire",
            "nom",
        ),
        required=False,
    ),
    Column(
        "level",
        "échelon",
        ("echelon", "type de collectivité", "type de bénéficiaire", "niveau"),
        required=False,
    ),
    Column(
        "category",
        "catégorie",
        ("categorie", "catégorie thématique", "thématique", "thème"),
        required=False,
    ),
    Column("origin", "origine", ("origine",), required=False),
    Column("status", "état du dossier", ("etat du dossier",), required=False),
    Column("latitude", "latitude", ("lat", "latitude"), required=False),
    Column("longitude", "longitude", ("long", "longitude", "lon"), required=False),
    Column("year", "exercice", ("exercice", "année", "millésime"), required=False),
)

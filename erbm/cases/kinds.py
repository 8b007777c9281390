"""The kinds of events other than moves, in words."""

PLAIN_KINDS = {
    "opening": "Ouverture du dossier",
    "replay": "Relance d’un envoi resté en panne",
}
TASK_KINDS = {
    "claim": "Prise en charge de la tâche",
    "release": "Remise de la tâche",
    "take_over": "Reprise de la tâche",
    "clock_stop": "Suspension du délai de la tâche",
    "clock_resume": "Reprise du délai de la tâche",
    "assign": "Attribution de la tâche",
    "delegation": "Demande de préparation pour la tâche",
    "return": "Préparation rendue pour la tâche",
    "withdrawal": "Préparation retirée pour la tâche",
}
KINDS_ABOUT = {
    "conflict": ("Conflit d’intérêts déclaré", "about"),
    "conflict_lifted": ("Conflit d’intérêts levé", "about"),
    "comment": ("Commentaire", "audience"),
    "comment_withdrawn": ("Retrait d’un commentaire", ""),
}
"""What others do than move, and the text that says about whom, or to whom."""

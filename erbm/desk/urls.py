"""The addresses of the desk."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.desk.views import (
    absences,
    batches,
    claims,
    inbox,
    incidents,
    marks,
    pipeline,
    processes,
    saved_views,
    sharing,
    units,
)

urlpatterns = [
    path("taches/", inbox.show, name="inbox"),
    path("taches/<id:task_id>/prendre/", claims.claim, name="claim_task"),
    path("taches/<id:task_id>/rendre/", claims.release, name="release_task"),
    path("taches/<id:task_id>/reprendre/", claims.take_over, name="take_over_task"),
    path("lots/", batches.index, name="batches"),
    path("lots/nouveau/", batches.prepare, name="prepare_batch"),
    path("lots/<id:batch_id>/", batches.show, name="batch"),
    path("lots/<id:batch_id>/avancement/", batches.progress, name="batch_progress"),
    path("taches/<id:task_id>/ranger/", marks.arrange_task, name="arrange_task"),
    path("taches/vues/", saved_views.index, name="views"),
    path("taches/vues/nouvelle/", saved_views.save, name="save_view"),
    path("taches/vues/aucune/", saved_views.open_on_none, name="open_on_no_view"),
    path("taches/vues/<id:view_id>/", saved_views.revise, name="revise_view"),
    path("taches/vues/<id:view_id>/filtres/", saved_views.replace, name="replace_view"),
    path("taches/vues/<id:view_id>/supprimer/", saved_views.delete, name="delete_view"),
    path("taches/vues/<id:view_id>/ouvrir/", saved_views.open_on, name="open_on_view"),
    path("taches/suivre/<id:case_id>/", marks.follow, name="follow"),
    path("taches/ne-plus-suivre/<id:case_id>/", marks.unfollow, name="unfollow"),
    path(
        "taches/operations/<id:case_id>/priorite/",
        marks.prioritise_case,
        name="prioritise_case",
    ),
    path("taches/<id:task_id>/confier/", sharing.share, name="share_task"),
    path("preparations/<id:delegation_id>/", sharing.prepare, name="prepare"),
    path(
        "preparations/<id:delegation_id>/retirer/",
        sharing.withdraw,
        name="withdraw_delegation",
    ),
    path("absences/", absences.show, name="absences"),
    path("absences/<id:substitution_id>/revoquer/", absences.revoke, name="revoke"),
    path("unite/", units.own, name="own_unit"),
    path("unite/<id:unit_id>/", units.show, name="unit"),
    path("pipeline/", pipeline.show, name="pipeline"),
    path("incidents/", incidents.show, name="incidents"),
    path("incidents/controler/", incidents.inspect, name="inspect"),
    path("incidents/relancer/", incidents.replay_all, name="replay_all"),
    path("incidents/<id:message_id>/relancer/", incidents.replay, name="replay"),
    path("procedures/", processes.index, name="processes"),
    path("procedures/<slug:name>/", processes.show, name="process"),
    path("procedures/<slug:name>/schema.svg", processes.svg, name="process_svg"),
    path("procedures/<slug:name>/parcours.bpmn", processes.bpmn, name="process_bpmn"),
]

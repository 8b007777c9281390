"""The addresses of the scenarios, and of what operations add up to."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.scenarios.views import accounts, scenarios

app_name = "scenarios"
urlpatterns = [
    path("scenarios/", scenarios.index, name="index"),
    path("scenarios/nouveau/", scenarios.new, name="new"),
    path("scenarios/<id:pk>/", scenarios.show, name="scenario"),
    path("scenarios/<id:pk>/corriger/", scenarios.edit, name="edit"),
    path(
        "scenarios/<id:pk>/comparer/<id:other_pk>/", scenarios.compare, name="compare"
    ),
    path("scenarios/<id:pk>/adopter/", scenarios.adopt, name="adopt"),
    path("scenarios/<id:pk>/abandonner/", scenarios.drop, name="drop"),
    path("scenarios/<id:pk>/lever/<id:item_id>/", scenarios.release, name="release"),
    path("campagnes/", accounts.campaigns, name="campaigns"),
    path("campagnes/nouvelle/", accounts.campaign_edit, name="campaign_new"),
    path("campagnes/<id:pk>/", accounts.campaign, name="campaign"),
    path("campagnes/<id:pk>/modifier/", accounts.campaign_edit, name="campaign_edit"),
    path("services/", accounts.plans, name="plans"),
    path("services/nouvelle/", accounts.plan_edit, name="plan_new"),
    path("services/<id:pk>/modifier/", accounts.plan_edit, name="plan_edit"),
    path("etiquettes/", accounts.tags, name="tags"),
    path("etiquettes/<slug:code>/", accounts.tag, name="tag"),
    path("etiquettes/<slug:code>/ajouter/", accounts.tag_add, name="tag_add"),
    path(
        "etiquettes/<slug:code>/retirer/<id:pk>/",
        accounts.tag_remove,
        name="tag_remove",
    ),
]

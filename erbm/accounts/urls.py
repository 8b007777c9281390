"""The addresses of sign-in and passwords.

The names are those that allauth looks for; the pages it offers to open an account
or to change an e-mail address are left out on purpose.
"""

from allauth.account import views as allauth_views
from django.urls import path, re_path

from erbm.accounts import views

urlpatterns = [
    path("connexion/", views.sign_in, name="account_login"),
    path("deconnexion/", allauth_views.logout, name="account_logout"),
    path("compte-ferme/", allauth_views.account_inactive, name="account_inactive"),
    path("confirmation/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path(
        "mot-de-passe/", allauth_views.password_change, name="account_change_password"
    ),
    path(
        "mot-de-passe/premier/",
        allauth_views.password_set,
        name="account_set_password",
    ),
    path(
        "mot-de-passe/oublie/",
        allauth_views.password_reset,
        name="account_reset_password",
    ),
    path(
        "mot-de-passe/oublie/envoye/",
        allauth_views.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/nouveau/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

"""Addresses of the doors. They come before those of the admin, two of which they stand in for."""

from django.contrib import admin
from django.urls import path

from alpespartner.comun.acceso import propio, vistas
from alpespartner.comun.acceso.identidad import confirmar_identidad

urlpatterns = [
    path("login/", vistas.entrar),
    path("login/codigo/", vistas.codigo, name="acceso_codigo"),
    path("login/inscribir/", vistas.inscribir, name="acceso_inscribir"),
    path("olvido/", vistas.olvide, name="admin_password_reset"),
    path("olvido/enviado/", vistas.enlace_enviado, name="acceso_enlace_enviado"),
    path("olvido/listo/", vistas.contrasena_puesta, name="acceso_contrasena_puesta"),
    path("olvido/<str:uid>/<str:token>/", vistas.otra_contrasena, name="acceso_otra_contrasena"),
    path("identidad/", admin.site.admin_view(confirmar_identidad), name="acceso_identidad"),
    path("password_change/", propio.cambiar_contrasena),
    path("mi-acceso/", propio.mi_acceso, name="acceso_propio"),
    path("mi-acceso/factor/", propio.poner_factor, name="acceso_factor"),
    path("mi-acceso/codigos/", propio.codigos_nuevos, name="acceso_codigos"),
    path("mi-acceso/quitar/", propio.quitar_factor, name="acceso_quitar"),
    path("mi-acceso/sesiones/", propio.terminar_otras, name="acceso_otras_sesiones"),
    path("mi-acceso/sesiones/<int:pk>/", propio.terminar_sesion, name="acceso_sesion"),
]

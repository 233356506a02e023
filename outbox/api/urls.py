"""Routes of events and webhooks under ``/api/v1/``."""

from django.urls import path

from outbox.api import eventos, webhooks

urlpatterns = [
    path("eventos", eventos.EventosView.as_view(), name="eventos"),
    path("webhooks", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<str:webhook_id>", webhooks.WebhookView.as_view(), name="webhook"),
    path("webhooks/<str:webhook_id>/activar", webhooks.ActivarView.as_view()),
    path("webhooks/<str:webhook_id>/probar", webhooks.ProbarView.as_view()),
    path("webhooks/<str:webhook_id>/rotar", webhooks.RotarView.as_view()),
    path("webhooks/<str:webhook_id>/repetir", webhooks.RepetirView.as_view()),
    path("webhooks/<str:webhook_id>/entregas", webhooks.EntregasView.as_view()),
]

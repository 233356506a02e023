"""What OPTIONS answers with."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class DondeEstaElDocumento(BaseMetadata):
    """``Allow`` says the methods; what they take and give, the API's document does."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, str]:
        """Where the document is."""
        return {"documento": reverse("openapi")}

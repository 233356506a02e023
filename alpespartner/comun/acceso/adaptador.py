"""What of the second factor's library is ours: how its secrets are kept."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from alpespartner.comun.cifrado import cifrar, descifrar


class Adaptador(DefaultMFAAdapter):
    """Secrets are unreadable at rest, as bank data are."""

    def encrypt(self, text: str) -> str:
        return cifrar(text)

    def decrypt(self, encrypted_text: str) -> str:
        return descifrar(encrypted_text)

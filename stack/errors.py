"""The one error this package shows to a person."""


class StackError(Exception):
    """Its text is shown as it is: Spanish, one line, saying what to do next."""

"""Fill a template's @@NAME@@ marks.

Not ${NAME}: Debezium's configuration, the shell and Compose each give that form a meaning of
their own. connectors/renderizar.sh does the same inside the Docker images; a test compares both.
"""

import re
from collections.abc import Mapping

_MARK = re.compile(r"@@([A-Z][A-Z0-9_]*)@@")


def names(template: str) -> set[str]:
    return set(_MARK.findall(template))


def render(template: str, values: Mapping[str, str]) -> str:
    """Raises KeyError when the template asks for a name that is not given."""
    return _MARK.sub(lambda match: values[match.group(1)], template)

"""Run the tools that download and unpack."""

import os
import subprocess
import sys
from collections.abc import Mapping

from stack.errors import StackError


def run_tool(argv: list[str], failure: str, env: Mapping[str, str] | None = None) -> None:
    """Run a download tool quietly; its own last words are shown only when it fails."""
    result = subprocess.run(
        argv,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        print((result.stdout + result.stderr)[-2000:], file=sys.stderr)
        raise StackError(failure)

"""Operators' tokens: create, list and revoke them.

It keeps them as the API does, with the API's own code. That code lies in the functions' deployment
root, which is on nobody's path but theirs.
"""

from __future__ import annotations

import sys
from pathlib import Path

_FUNCTIONS = str(Path(__file__).resolve().parents[2] / "functions")
if _FUNCTIONS not in sys.path:
    sys.path.append(_FUNCTIONS)

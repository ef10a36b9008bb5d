"""What deploys and runs the system.

It keeps keys and secrets as the functions do, with the functions' own code. That code lies in their
deployment root, which is on nobody's path but theirs.
"""

from __future__ import annotations

import sys
from pathlib import Path

_FUNCTIONS = str(Path(__file__).resolve().parents[1] / "functions")
if _FUNCTIONS not in sys.path:
    sys.path.append(_FUNCTIONS)

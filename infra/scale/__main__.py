"""`python -m infra.scale`: write the tables and the picture of docs/scale.md (a few minutes)."""

from __future__ import annotations

import sys
from typing import Final

from infra.local.settings import ROOT
from infra.scale import comparison, inputs, known, page, plot

_PICTURE: Final = ROOT / "docs" / "images" / "scale" / "day.png"


def main() -> None:
    """Live the days, then write what they and the model say."""
    assumed, figures, prices = inputs.assumptions(), known.read(), inputs.prices()
    lived, summaries = [], []
    for way in comparison.ways(assumed, figures):
        sys.stderr.write(f"… a day of {way.name}, {way.render_concurrency} ahead at once\n")
        drawn = comparison.draw(way, assumed, figures)
        outcome = comparison.live(way, drawn, assumed, figures)
        lived.append((way, outcome))
        summaries.append(comparison.summarise(way, outcome, drawn, figures, prices))
    comparison.write(summaries)
    asked = comparison.draw(comparison.ways(assumed, figures)[0], assumed, figures)
    plot.draw(asked, lived, comparison.PANELS, figures.pages.patience_s, _PICTURE)
    page.write(page.tables(assumed, figures, prices, inputs.limits(), summaries))


if __name__ == "__main__":
    main()

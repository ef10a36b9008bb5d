"""The committed configuration page is the one that the settings objects make."""

from infra.configuration_reference import PAGE, render


def test_the_page_agrees_with_the_settings() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: make docs"

"""Which engine speaks."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from model_host.engines.base import EngineUnavailableError
from model_host.engines.espeak.engine import EspeakEngine
from model_host.engines.select import select_engine
from model_host.settings import Settings

CHECKPOINT = ("config.json", "model.pth", "vocab.json")


def settings(model_dir: Path, **fields: Any) -> Settings:
    return Settings(xtts_model_dir=model_dir, reference_audio=model_dir / "voice.wav", **fields)


def put(model_dir: Path, *names: str) -> None:
    for name in names:
        (model_dir / name).write_bytes(b"{}")


class CoquiStandIn:
    """Takes the place of the reference engine's class; notes what it was given."""

    def __init__(self, model_dir: Path, reference_audio: Path) -> None:
        self.given = (model_dir, reference_audio)


class CoquiModuleStandIn:
    CoquiEngine = CoquiStandIn


@pytest.fixture
def coqui_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib, "import_module", lambda _name: CoquiModuleStandIn)


@pytest.fixture
def coqui_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'TTS'")

    monkeypatch.setattr(importlib, "import_module", missing)


def test_given_no_model_in_dev_when_auto_then_espeak_speaks(tmp_path: Path) -> None:
    assert isinstance(select_engine(settings(tmp_path)), EspeakEngine)
    assert isinstance(select_engine(settings(tmp_path / "absent")), EspeakEngine)


def test_given_no_model_in_prod_when_auto_then_it_refuses_and_says_what_to_provide(
    tmp_path: Path,
) -> None:
    with pytest.raises(EngineUnavailableError, match=r"model\.pth.*ENGINE=espeak"):
        select_engine(settings(tmp_path, ctv_env="prod"))


def test_given_espeak_on_purpose_in_prod_when_selected_then_it_speaks(tmp_path: Path) -> None:
    put(tmp_path, *CHECKPOINT)

    chosen = select_engine(settings(tmp_path, ctv_env="prod", engine="espeak"))

    assert isinstance(chosen, EspeakEngine)


@pytest.mark.usefixtures("coqui_installed")
@pytest.mark.parametrize("engine", ["auto", "coqui"])
def test_given_a_checkpoint_when_selected_then_the_reference_engine_speaks_it(
    tmp_path: Path, engine: str
) -> None:
    put(tmp_path, *CHECKPOINT)

    chosen: Any = select_engine(settings(tmp_path, engine=engine, ctv_env="prod"))

    assert chosen.given == (tmp_path, tmp_path / "voice.wav")


@pytest.mark.usefixtures("coqui_missing")
def test_given_a_checkpoint_without_its_package_when_selected_then_it_says_what_to_install(
    tmp_path: Path,
) -> None:
    put(tmp_path, *CHECKPOINT)

    with pytest.raises(EngineUnavailableError, match=r"requirements/coqui\.txt"):
        select_engine(settings(tmp_path))


def test_given_half_a_checkpoint_when_coqui_is_asked_then_it_says_which_files(
    tmp_path: Path,
) -> None:
    put(tmp_path, "config.json", "model.pth")

    with pytest.raises(EngineUnavailableError, match=r"vocab\.json"):
        select_engine(settings(tmp_path, engine="coqui"))


class XttsStandIn:
    """Takes the place of the packed engine's class; notes what it was given."""

    def __init__(self, *given: object) -> None:
        self.given = given


class XttsModuleStandIn:
    XttsEngine = XttsStandIn

    @staticmethod
    def XttsOptions(**options: object) -> dict[str, object]:  # noqa: N802 - the class it stands for
        return options


@pytest.mark.parametrize("engine", ["auto", "xtts"])
def test_given_a_pack_when_selected_then_the_packed_engine_speaks_it_as_set(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib, "import_module", lambda _name: XttsModuleStandIn)
    put(tmp_path, "pack.json", *CHECKPOINT)

    chosen: Any = select_engine(
        settings(
            tmp_path,
            engine=engine,
            ctv_env="prod",
            temp_dir=tmp_path / "temp",
            voices_dir=tmp_path / "more",
            vocoder_precision="fp32",
            xtts_threads=3,
        )
    )

    assert chosen.given == (
        tmp_path,
        tmp_path / "voice.wav",
        tmp_path / "more",
        tmp_path / "temp" / "voices",
        {"vocoder_precision": "fp32", "threads": 3},
    )


@pytest.mark.usefixtures("coqui_installed")
def test_given_a_pack_beside_its_checkpoint_when_coqui_is_asked_then_it_speaks(
    tmp_path: Path,
) -> None:
    put(tmp_path, "pack.json", *CHECKPOINT)

    chosen: Any = select_engine(settings(tmp_path, engine="coqui"))

    assert chosen.given == (tmp_path, tmp_path / "voice.wav")


@pytest.mark.parametrize(
    ("files", "told"), [((), "pack CHECKPOINT PACK (needs"), (CHECKPOINT, "pack {} PACK (needs")]
)
def test_given_no_pack_when_xtts_is_asked_then_it_refuses_with_the_command_that_makes_one(
    tmp_path: Path, files: tuple[str, ...], told: str
) -> None:
    put(tmp_path, *files)

    with pytest.raises(EngineUnavailableError) as refused:
        select_engine(settings(tmp_path, engine="xtts"))

    command = f"python -m model_host.engines.xtts {told.format(tmp_path)}"
    assert command in str(refused.value)


def test_given_a_pack_without_openvino_when_selected_then_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'openvino'")

    monkeypatch.setattr(importlib, "import_module", missing)
    put(tmp_path, "pack.json")

    with pytest.raises(EngineUnavailableError, match=r"requirements/host\.txt.*openvino"):
        select_engine(settings(tmp_path))

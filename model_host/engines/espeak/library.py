"""Typed ctypes prototypes of libespeak-ng, as far as the engine needs it.

Source: `speak_lib.h` of eSpeak NG 1.52. The library keeps one global state: it is initialised once
a process and is not re-entrant.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

import numpy as np

Pcm16 = np.ndarray[tuple[int], np.dtype[np.int16]]

# enum espeak_AUDIO_OUTPUT: espeak_Synth calls back from the calling thread and returns at the end
# (AUDIO_OUTPUT_RETRIEVAL would speak from a thread of the library's own).
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_POS_CHARACTER = 1
# espeakCHARS_UTF8 alone: neither espeakSSML (0x10) nor espeakPHONEMES (0x100), so `<…>` and
# `[[…]]` are spoken as text and never interpreted.
_CHARS_UTF8 = 1
_CONTINUE, _ABORT = 0, 1

_SynthCallback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Parameter(IntEnum):
    """enum espeak_PARAMETER."""

    RATE_WPM = 1


class EspeakLibraryError(Exception):
    """A call of the library failed; the message names the call and its code."""


class EspeakLibrary:
    """libespeak-ng with its data, one instance a process."""

    def __init__(self, library_path: Path, data_path: Path, chunk_ms: int) -> None:
        """Load and initialise the library.

        Args:
            library_path: the shared library.
            data_path: its `espeak-ng-data` directory.
            chunk_ms: length of audio between two callbacks.

        Raises:
            EspeakLibraryError: the library does not load or finds no data.
        """
        try:
            self._lib = ctypes.CDLL(str(library_path))
        except OSError as error:
            raise EspeakLibraryError(f"cannot load {library_path}: {error}") from error
        self._declare()
        self.sample_rate_hz: int = self._lib.espeak_Initialize(
            _AUDIO_OUTPUT_SYNCHRONOUS, chunk_ms, str(data_path).encode(), _INITIALIZE_DONT_EXIT
        )
        if self.sample_rate_hz <= 0:
            raise EspeakLibraryError(f"espeak_Initialize found no data in {data_path}")

    def _declare(self) -> None:
        lib = self._lib
        lib.espeak_Initialize.argtypes = [
            ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int,
        ]  # fmt: skip
        lib.espeak_SetSynthCallback.argtypes = [_SynthCallback]
        lib.espeak_SetSynthCallback.restype = None
        lib.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        lib.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
        lib.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
            ctypes.c_uint, ctypes.POINTER(ctypes.c_uint), ctypes.c_void_p,
        ]  # fmt: skip
        lib.espeak_Info.argtypes = [ctypes.c_void_p]
        lib.espeak_Info.restype = ctypes.c_char_p
        lib.espeak_Terminate.argtypes = []

    @property
    def version(self) -> str:
        """The library's own version."""
        return str(self._lib.espeak_Info(None).decode())

    def set_voice(self, name: str) -> None:
        """Choose a voice such as `pt-br` or, with a variant, `pt-br+f2`; resets parameters."""
        self._check("espeak_SetVoiceByName", self._lib.espeak_SetVoiceByName(name.encode()))

    def set_parameter(self, parameter: Parameter, value: int) -> None:
        """Set an absolute parameter of the chosen voice."""
        self._check("espeak_SetParameter", self._lib.espeak_SetParameter(parameter, value, 0))

    def speak(self, text: str, on_samples: Callable[[Pcm16], bool]) -> None:
        """Speak `text`; blocks until all is said or `on_samples` returns False.

        Args:
            text: without NUL.
            on_samples: called with each piece of audio, shape (n,), valid beyond the call.

        Raises:
            EspeakLibraryError: the library refused.
        """

        def take(wav: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
            if not wav or count <= 0:
                return _CONTINUE
            # The library reuses its buffer as soon as this returns.
            samples = np.ctypeslib.as_array(wav, (count,)).copy()
            return _CONTINUE if on_samples(samples) else _ABORT

        callback = _SynthCallback(take)
        self._lib.espeak_SetSynthCallback(callback)
        encoded = text.encode() + b"\0"
        code = self._lib.espeak_Synth(
            encoded, len(encoded), 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None
        )
        self._check("espeak_Synth", code)

    def terminate(self) -> None:
        """Free what initialising took."""
        self._check("espeak_Terminate", self._lib.espeak_Terminate())

    @staticmethod
    def _check(call: str, code: int) -> None:
        if code != 0:
            raise EspeakLibraryError(f"{call} failed with code {code}")

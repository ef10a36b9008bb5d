"""Random weights that behave: they stop by themselves and are loud enough to hear."""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for packing only (requirements/coqui.txt).
import math
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from model_host.engines.coqui.torchaudio_import import import_torchaudio

import_torchaudio()  # before TTS, which imports it plainly

from TTS.tts.configs.xtts_config import XttsConfig  # noqa: E402
from TTS.tts.models.xtts import Xtts  # noqa: E402

_SEED = 20

_CLOCK_CHANNEL = 0
"""The hidden channel that is made to tell how many audio tokens there have been."""

_RAMP_TOKENS = (85, 125)
"""Where the stop token's logit is 0 and 4. Top-p, top-k and the penalty on what was said already
favour it: with the published sampling, audio ends after about 60 to 100 tokens."""
_PREFIX_POSITIONS = 64
_STOP_LOGITS = (0.0, 4.0)

_LOUDNESS_DBFS = -25.0


def initialised_model(config: XttsConfig, vocabulary: Path) -> Any:  # noqa: ANN401 - TTS has no types
    """An `Xtts` as its own initialisation leaves it, always the same for one config."""
    torch.manual_seed(_SEED)
    model = Xtts(config)
    model.tokenizer.tokenizer = Tokenizer.from_file(str(vocabulary))
    model.init_models()
    return model


def exaggerate(model: Any, gain: float, favoured_tokens: int) -> None:  # noqa: ANN401
    """Make small weights sensitive to voice and text, which as initialised change hardly a sample.

    Args:
        model: an `Xtts`.
        gain: what the decoder's matrices are multiplied by.
        favoured_tokens: so many audio tokens are liked more, as trained models do some.
    """
    with torch.no_grad():
        for name, parameter in model.gpt.named_parameters():
            if parameter.ndim > 1:
                parameter.mul_(gain)
            if name == "mel_head.bias":
                parameter[:favoured_tokens] += 4


def calibrate_stop(model: Any) -> None:  # noqa: ANN401 - TTS has no types
    """Make sampled audio end after about 60 to 100 tokens, later tokens being likelier ends.

    One hidden channel is cleared of everything but a ramp over the audio positions, and the stop
    token's logit is made a straight line of that channel, fitted to what the decoder makes of it.
    """
    gpt = model.gpt
    first, last = _RAMP_TOKENS
    positions = torch.arange(gpt.mel_pos_embedding.emb.num_embeddings).clamp(max=2 * last)
    with torch.no_grad():
        gpt.mel_embedding.weight[:, _CLOCK_CHANNEL] = 0
        gpt.mel_pos_embedding.emb.weight[:, _CLOCK_CHANNEL] = 2 * positions / last - 2
        voice_and_text = torch.randn(1, _PREFIX_POSITIONS, gpt.model_dim)
        codes = torch.randint(gpt.start_audio_token, (1, 2 * last))
        audio = gpt.mel_embedding(codes) + gpt.mel_pos_embedding(codes)
        prompt = torch.cat([voice_and_text, audio], dim=1)
        hidden = gpt.gpt.eval()(inputs_embeds=prompt, return_dict=True).last_hidden_state
        clock = gpt.final_norm(hidden)[0, _PREFIX_POSITIONS:, _CLOCK_CHANNEL]
        early, late = (clock[length - 5 : length + 5].mean() for length in (first, last))
        slope = (_STOP_LOGITS[1] - _STOP_LOGITS[0]) / (late - early)
        gpt.mel_head.weight[gpt.stop_audio_token] = 0
        gpt.mel_head.weight[gpt.stop_audio_token, _CLOCK_CHANNEL] = slope
        gpt.mel_head.bias[gpt.stop_audio_token] = _STOP_LOGITS[0] - slope * early


def calibrate_loudness(model: Any) -> None:  # noqa: ANN401 - TTS has no types
    """Scale the vocoder's last layer so that its output's RMS is about -25 dB of full scale."""
    vocoder = model.hifigan_decoder.eval()
    with torch.no_grad():
        # Kernels that sum to zero: random channels have a mean, which would come out as an offset.
        kernels = vocoder.waveform_decoder.conv_post.weight
        kernels -= kernels.mean(dim=-1, keepdim=True)
        latents = torch.randn(1, 16, model.args.decoder_input_dim)
        voice = torch.nn.functional.normalize(torch.randn(1, model.args.d_vector_dim, 1), dim=1)
        loudness = vocoder(latents, g=voice).std()
        kernels *= math.pow(10, _LOUDNESS_DBFS / 20) / loudness

"""The route that shows what will be said, and why."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from model_host.lifecycle import Host
from model_host.request import WrittenRequest, parse_written_request
from model_host.routes.documentation import problem
from model_host.routes.intake import read_json_object


class StageShown(BaseModel):
    """What the text had become after a stage."""

    name: str = Field(examples=["codes"])
    text: str = Field(examples=["Senha á zero quarenta e dois, sala dois á"])


class Normalized(BaseModel):
    """What will be said; `stages` holds every stage in order, also those that changed nothing."""

    spoken: str = Field(examples=["senha á zero quarenta e dois, sala dois á"])
    stages: list[StageShown]


_RESPONSES: dict[int | str, dict[str, object]] = {
    400: problem("The body is not a JSON object."),
    413: problem("The body is too large."),
    415: problem("The body is not declared as JSON in UTF-8."),
    422: problem("A field is not allowed; `errors` names it and what it allows."),
}


def normalize_routes(host: Host) -> APIRouter:
    """Make the route that shows what `host` says for what is written; it needs no engine."""
    router = APIRouter(tags=["text"])

    @router.post(
        "/v1/normalize",
        summary="What will be said, stage by stage",
        responses=_RESPONSES,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": WrittenRequest.model_json_schema()}},
            }
        },
    )
    async def normalize(request: Request) -> Normalized:
        fields = await read_json_object(request, host.settings.max_body_bytes)
        written = parse_written_request(fields).written
        stages = host.normalizer.stages(written, host.lexicon.current)
        return Normalized(
            spoken=stages[-1].text,
            stages=[StageShown(name=stage.name, text=stage.text) for stage in stages],
        )

    return router

"""Lists of patients, uploaded as files."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.access import operator
from api.bodies import JsonRoute
from api.panel_requests import Acting, PanelId
from api.problems import ProblemError, documented
from panels.assembly import panel_parts
from panels.uploads import UPLOAD_ID
from speech.assembly import assembled

router = APIRouter(prefix="/v1/panels/{panel}/uploads", tags=["uploads"], route_class=JsonRoute)

UploadId = Annotated[str, Path(alias="id", pattern=UPLOAD_ID, description="The upload's id.")]

_STARTED_EXAMPLE: Final[dict[str, Any]] = {
    "id": "6f0c2b1e9d8a4f7c8b3a5d6e7f809122.csv",
    "url": "https://…",
    "method": "PUT",
    "headers": {"Content-Type": "text/csv"},
    "rows_max": 50_000,
}
_PROGRESS_EXAMPLE: Final[dict[str, Any]] = {
    "status": "rendering",
    "total": 200,
    "accepted": 194,
    "rejected": 6,
    "rendered": 80,
    "cached": 4,
    "failed": 0,
    "updated_at": "2025-11-22T13:00:00.000+00:00",
}


class UploadWanted(BaseModel):
    """The file; of its name only the suffix is looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: str = Field(pattern=r"(?i)^.{0,250}\.(csv|jsonl|txt)$", examples=["lista.csv"])

    @property
    def suffix(self) -> str:
        """csv, jsonl or txt."""
        return self.file_name.rpartition(".")[2].lower()


class UploadStarted(BaseModel):
    """Where the file goes: one request, with exactly these headers, within 15 minutes."""

    model_config = ConfigDict(json_schema_extra={"example": _STARTED_EXAMPLE})

    id: str
    url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    rows_max: int = Field(description="Rows that are read; the rest is refused.")


@router.post(
    "",
    summary="A place for a list",
    status_code=201,
    response_model=UploadStarted,
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def start(
    panel: PanelId,
    body: Annotated[UploadWanted, Body(examples=[{"file_name": "lista.csv"}])],
    by: Acting,
) -> Response:
    """Say where to put a file; its rows join the waiting list and are rendered ahead."""
    place = panel_parts().uploads.place(panel, body.suffix, by)
    answer = {
        "id": place.id,
        "url": place.url,
        "method": "PUT",
        "headers": place.headers,
        "rows_max": assembled().settings.max_upload_rows,
    }
    return JSONResponse(answer, 201)


@router.get(
    "/{id}",
    summary="How far a list is",
    responses={
        200: {
            "description": "Counters; `status` done or rejected is the report.",
            "content": {"application/json": {"example": _PROGRESS_EXAMPLE}},
        },
        **documented(401, 403, 404, 422),
    },
    dependencies=[Depends(operator)],
)
async def progress(panel: PanelId, upload_id: UploadId) -> Response:
    """Give the counters, and once every row is accounted for, the report row by row."""
    found = panel_parts().uploads.progress(panel, upload_id)
    if found is None:
        raise ProblemError(404, "no such upload, or nothing of its file was read yet")
    return Response(found, media_type="application/json", headers={"Cache-Control": "no-store"})

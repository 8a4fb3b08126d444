"""The catalogue of filters and looks."""

from fastapi import APIRouter, Response

from api.schemas import FiltersView
from imaging import describe_catalogue, describe_looks

router = APIRouter(prefix="/v1/filters", tags=["filters"])

# Built once: building it for each request blocked the event loop for 20 ms.
_CATALOGUE = FiltersView.model_validate({"items": describe_catalogue(), "looks": describe_looks()}).model_dump_json()


@router.get("", summary="The catalogue", response_model=FiltersView)
async def list_filters() -> Response:
    return Response(_CATALOGUE, media_type="application/json")

"""What can be done to a picture."""

from fastapi import APIRouter

from api.schemas import FiltersView
from core.filters import describe_catalogue
from core.looks import describe_looks

router = APIRouter(prefix="/v1/filters", tags=["filters"])


@router.get("", summary="The catalogue")
async def list_filters() -> FiltersView:
    return FiltersView.model_validate({"items": describe_catalogue(), "looks": describe_looks()})

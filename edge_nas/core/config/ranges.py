"""Ranges that many settings share; each setting says its unit."""

from typing import Annotated

from pydantic import Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0.0)]

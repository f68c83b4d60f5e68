"""Ranges that many settings share; each setting says its unit.

Upper ends are far above what anybody means: a number beyond them is a slip of the finger, such as an exponent too many,
and is told at once instead of after hours, or as a lack of memory.
"""

from typing import Annotated

from pydantic import Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[int, Field(ge=1, le=1_000_000_000)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Epochs = Annotated[int, Field(ge=0, le=1_000_000)]
SomeEpochs = Annotated[int, Field(ge=1, le=1_000_000)]
Side = Annotated[int, Field(ge=1, le=8192)]
"""Pixels; 8192 squared is the largest image that is read."""
Weight = Annotated[float, Field(ge=0.0, le=1e6)]

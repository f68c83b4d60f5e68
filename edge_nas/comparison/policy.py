"""What a change of a network may cost: rules in a YAML file, each held against a comparison.

    max_score_drop: 0.01          # B may score this much less than A
    max_instructions_rise: 0.05   # B may take 5 % more than A
    max_sram_bytes: 65536         # B alone, on the comparison's board
    fits_board: true

A rule about a figure that is not known is not met: what nobody measured cannot have passed.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from edge_nas.comparison.compare import share_of_change
from edge_nas.core import strictyaml
from edge_nas.core.configerrors import SettingPlaces, explain
from edge_nas.core.frozen import Frozen
from edge_nas.core.reading import open_regular
from edge_nas.errors import ConfigError, InputError
from edge_nas.results.compare import Comparison, RuleCheck

Rise = Annotated[float, Field(ge=0.0, le=1.0)]
"""At most twice as much: a 5 that was meant as per cent is refused, for it would allow six times as much."""
Most = Annotated[float, Field(gt=0.0, le=1e15)]


class Policy(Frozen):
    """The rules; those that are left out are not asked."""

    max_score_drop: Annotated[float, Field(ge=0.0, le=1.0)] | None = Field(
        default=None, description="how much lower B's primary score may be than A's"
    )
    min_score: Annotated[float, Field(ge=-1.0, le=1.0)] | None = Field(
        default=None, description="the least primary score of B"
    )
    max_instructions_rise: Rise | None = Field(
        default=None, description="share by which B's instructions may be more: 0.05 is 5 %"
    )
    max_sram_rise: Rise | None = Field(default=None, description="share by which B's SRAM may be more: 0.05 is 5 %")
    max_flash_rise: Rise | None = Field(default=None, description="share by which B's flash may be more: 0.05 is 5 %")
    max_instructions: Most | None = Field(default=None, description="most instructions of one inference of B")
    max_milliseconds: Most | None = Field(default=None, description="most milliseconds of B on the board, estimated")
    max_sram_bytes: Most | None = Field(default=None, description="most bytes of SRAM of B")
    max_flash_bytes: Most | None = Field(default=None, description="most bytes of flash of B")
    fits_board: bool = Field(default=True, description="whether B has to fit the board's memories")


def read_policy(path: Path) -> Policy:
    """Returns the policy of a YAML file.

    Raises:
        InputError: no such file.
        ConfigError: not YAML, an unknown rule, or a value out of range; names the line.
    """
    try:
        with open_regular(path) as file:
            text = file.read(strictyaml.MAX_BYTES + 1).decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; --policy names a .yaml file of rules") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: the policy cannot be read: {reason}") from None
    document = strictyaml.parse(text, str(path))
    places = SettingPlaces({key: f"{path}:{line}" for key, line in document.lines.items()}, str(path))
    try:
        return Policy.model_validate_json(json.dumps(document.data or {}), strict=True)
    except ValidationError as error:
        raise ConfigError(explain(error, Policy, places)) from None


def check_policy(policy: Policy, comparison: Comparison) -> Comparison:
    """Returns the comparison with each rule of the policy checked."""
    checks = [
        *_score_rules(policy, comparison),
        *_rises(policy, comparison),
        *_limits(policy, comparison),
        *([_fit_rule(comparison)] if policy.fits_board else []),
    ]
    return comparison.model_copy(update={"policy": tuple(checks)})


def broken(comparison: Comparison) -> tuple[RuleCheck, ...]:
    """Returns the rules that are not met."""
    return tuple(check for check in comparison.policy or () if not check.is_met)


def _score_rules(policy: Policy, comparison: Comparison) -> list[RuleCheck]:
    change, score = comparison.score_change, comparison.b.score
    drop = None if change is None else -change.value
    value = None if score is None else score.value
    checks = []
    if policy.max_score_drop is not None:
        checks.append(_at_most("max_score_drop", policy.max_score_drop, drop, _three))
    if policy.min_score is not None:
        is_met = value is not None and value >= policy.min_score
        seen = "not known" if value is None else _three(value)
        checks.append(
            RuleCheck(rule="min_score", allowed=f"at least {_three(policy.min_score)}", seen=seen, is_met=is_met)
        )
    return checks


def _rises(policy: Policy, comparison: Comparison) -> list[RuleCheck]:
    a, b = comparison.a.figures, comparison.b.figures
    rises = {
        "max_instructions_rise": share_of_change(a.instructions, b.instructions),
        "max_sram_rise": share_of_change(a.sram_bytes, b.sram_bytes),
        "max_flash_rise": share_of_change(a.flash_bytes, b.flash_bytes),
    }
    limits = {name: getattr(policy, name) for name in rises}
    return [_at_most(name, limits[name], rise, _percent) for name, rise in rises.items() if limits[name] is not None]


def _limits(policy: Policy, comparison: Comparison) -> list[RuleCheck]:
    figures = comparison.b.figures
    values = {
        "max_instructions": figures.instructions,
        "max_milliseconds": figures.milliseconds,
        "max_sram_bytes": figures.sram_bytes,
        "max_flash_bytes": figures.flash_bytes,
    }
    limits = {name: getattr(policy, name) for name in values}
    return [_at_most(name, limits[name], value, _plain) for name, value in values.items() if limits[name] is not None]


def _fit_rule(comparison: Comparison) -> RuleCheck:
    seen = {True: "it fits", False: "it does not fit", None: "not known"}[comparison.b.fits]
    allowed = f"has to fit {comparison.board}" if comparison.board is not None else "has to fit the board (--board)"
    return RuleCheck(rule="fits_board", allowed=allowed, seen=seen, is_met=comparison.b.fits is True)


def _at_most(rule: str, limit: float, value: float | None, text: Callable[[float], str]) -> RuleCheck:
    """Returns an upper limit held against a figure."""
    return RuleCheck(
        rule=rule,
        allowed=f"at most {text(limit)}",
        seen="not known" if value is None else text(value),
        is_met=value is not None and value <= limit,
    )


def _three(value: float) -> str:
    return f"{value:.3f}"


def _percent(value: float) -> str:
    return f"{100 * value:+.1f} %"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"

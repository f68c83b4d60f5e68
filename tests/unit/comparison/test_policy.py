from pathlib import Path
from typing import Any

import pytest

from edge_nas.comparison import Policy, check_policy, compare, read_policy, read_subject
from edge_nas.comparison.policy import broken
from edge_nas.errors import ConfigError, InputError


def rules(make_run: Any, policy: Policy, **candidate: Any) -> dict[str, tuple[str, bool]]:
    a, b = read_subject(make_run("a")), read_subject(make_run("b", **candidate))
    checked = check_policy(policy, compare(a, b, None))
    return {check.rule: (check.seen, check.is_met) for check in checked.policy or ()}


def test_each_rule_holds_what_it_says(make_run: Any) -> None:
    policy = Policy(max_score_drop=0.01, min_score=0.9, max_instructions_rise=0.05, max_sram_rise=0.05,
                    max_flash_rise=0.0, max_instructions=2e6, max_milliseconds=1000.0, max_sram_bytes=65536,
                    max_flash_bytes=8000)  # fmt: skip
    seen = rules(make_run, policy, left_out=(0.84, 0.86, 0.85), instructions=2_700_000, sram_bytes=20_400)
    assert {rule: is_met for rule, (_, is_met) in seen.items()} == {
        "max_score_drop": False,
        "min_score": False,
        "max_instructions_rise": False,
        "max_sram_rise": True,
        "max_flash_rise": True,
        "max_instructions": False,
        "max_milliseconds": True,
        "max_sram_bytes": True,
        "max_flash_bytes": False,
        "fits_board": True,
    }
    assert seen["max_instructions_rise"][0] == "+8.0 %"


def test_what_is_not_known_is_not_met(make_run: Any) -> None:
    seen = rules(make_run, Policy(max_sram_bytes=65536), board="esp32c3")
    assert seen == {"max_sram_bytes": ("not known", False), "fits_board": ("not known", False)}


def test_a_network_that_outgrew_its_board(make_run: Any) -> None:
    assert rules(make_run, Policy(), sram_bytes=300_000) == {"fits_board": ("it does not fit", False)}
    assert Policy(fits_board=False).model_dump(exclude_none=True) == {"fits_board": False}


def test_a_policy_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_policy(tmp_path / "none.yaml")
    path = tmp_path / "policy.yaml"
    path.write_text("max_score_dorp: 0.01\n")
    with pytest.raises(ConfigError, match=r"policy.yaml:1: .*did you mean 'max_score_drop'"):
        read_policy(path)
    path.write_text("max_sram_rise: -1\n")
    with pytest.raises(ConfigError, match=r"policy.yaml:1"):
        read_policy(path)
    path.write_text("max_sram_rise: 5\n")  # meant as 5 %
    with pytest.raises(ConfigError, match=r"policy.yaml:1: max_sram_rise is 5; allowed: .* <= 1"):
        read_policy(path)
    path.write_text("")
    assert read_policy(path) == Policy()


def test_broken_are_those_that_are_not_met(make_run: Any) -> None:
    a = read_subject(make_run("a"))
    checked = check_policy(Policy(max_sram_bytes=1, max_flash_bytes=1e6), compare(a, a, None))
    assert [check.rule for check in broken(checked)] == ["max_sram_bytes"]

import subprocess
from pathlib import Path

import pytest

from tools.transcript import commands_of, with_output

PAGE = (
    "a\n\n```sh\nfalse\n```\n\nonly shown\n\n```sh\necho one > x\n```\n\n```text\nold\n```\n\n"
    "```sh\ncat x; echo $((1 + 1))\n```\n\n```text\n```\n"
)


def test_only_commands_with_a_text_below_are_run_all_in_one_folder(tmp_path: Path) -> None:
    page = with_output(PAGE, tmp_path)
    assert page.endswith("```text\none\n2\n```\n")
    assert "old" not in page
    assert "```sh\nfalse\n```\n\nonly shown" in page
    assert with_output(page, tmp_path) == page
    assert len(commands_of(page)) == 2


def test_a_command_that_fails_ends_it(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        with_output("```sh\nfalse\ntrue\n```\n\n```text\n```\n", tmp_path)

"""Names of layers that no graph can have."""

from pathlib import Path
from typing import Any

import kerasfiles
import pytest

from edge_nas.errors import ArtifactError
from edge_nas.models.kerasfiles import load_keras_file


@pytest.mark.parametrize("name", ["über", "a b", "_net"])
def test_a_network_whose_name_is_no_scope_is_told(name: str, tmp_path: Path) -> None:
    def rename(config: dict[str, Any]) -> None:
        config["config"]["name"] = name

    kerasfiles.write(tmp_path / "net.h5", "k2.h5", config=rename)
    with pytest.raises(ArtifactError, match=rf"net\.h5: a layer is called '{name}'; TensorFlow takes the letters"):
        load_keras_file(tmp_path / "net.h5")


def test_usual_names_pass(tmp_path: Path) -> None:
    def rename(config: dict[str, Any]) -> None:
        config["config"]["name"] = "block.1/conv-2_a"

    kerasfiles.write(tmp_path / "net.h5", "k2.h5", config=rename)
    assert load_keras_file(tmp_path / "net.h5").name == "block.1/conv-2_a"

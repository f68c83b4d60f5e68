"""What the files and folders of a run are called, and how ours are told from those that others put there."""

import re

from edge_nas.core.atomic import TEMPORARY_SUFFIX

CONFIG, MANIFEST, RESULT, REPORT, STAGE = "config.yaml", "manifest.json", "result.json", "report.html", "stage.json"
ARTIFACTS = "artifacts"
LOGS = "tensorboard"
"""A stage's folder of logs: names and contents tell time and host, and no later stage reads them."""
SEARCH = "search"
"""The folder of a search."""
LOCK, HOLDER = ".lock", ".holder.json"
NEW, OLD, REJECTED, INTERIM = ".new", ".old", ".rejected", ".interim"
KEY = "key"

STAGE_FOLDER = re.compile(r"^\d\d_[a-z]+$")
INTERIM_FOLDER = re.compile(rf"^\.\d\d_[a-z]+{re.escape(INTERIM)}$")
LEFTOVER = re.compile(rf"^\.(?:\d\d_[a-z]+(?:{re.escape(NEW)}|{re.escape(OLD)})|[0-9a-f]{{16}}{TEMPORARY_SUFFIX})$")
LOCK_FILES = re.compile(rf"^(?:{re.escape(LOCK)}|{re.escape(HOLDER)})$")
OURS = re.compile(
    rf"^(?:{'|'.join(map(re.escape, (CONFIG, MANIFEST, RESULT, REPORT, ARTIFACTS, SEARCH, LOCK, HOLDER)))}"
    rf"|\.?\d\d_[a-z]+(?:\.[a-z]+)?|\.[0-9a-f]{{16}}{TEMPORARY_SUFFIX})$"
)

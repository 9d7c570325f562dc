"""What sqlfluff fills in for the parameters of include/sql/postgres: one example of each, by its name."""

from __future__ import annotations

from rostersync.engine.sql import FILTERS
from rostersync.spec import ENTITIES

SQLFLUFF_JINJA_FILTERS = FILTERS

entity = ENTITIES["group_user_members"]  # its key is made of other columns
entities = [entity, ENTITIES["parents"]]
added = left = entity.columns[-2:]
table = "sync.files"
parent = ("sync.runs", "run_id")
month = "left(slot, 7)"
key = "alert_id"
columns = ["run_id", "file"]
ids = ["student_id", "former_student_id"]

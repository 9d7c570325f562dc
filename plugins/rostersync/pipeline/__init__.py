"""A sync in plain Python, no Airflow: ``land -> stage -> validate -> diff -> load -> report``.

Every step reads the archive and writes the archive, may be killed and run again, and hands on ids, paths
and counts only. Rooms, each only knowing those after it: ``decisions`` and ``upkeep``, ``steps``, ``watch``
and ``holds``, ``ground``.
"""

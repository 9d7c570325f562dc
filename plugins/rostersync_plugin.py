"""What rostersync adds to Airflow itself. Loaded by every component and task: no heavy import here."""

from airflow.plugins_manager import AirflowPlugin

from rostersync.orchestration import listener


class RosterSyncPlugin(AirflowPlugin):
    """Creates missing pools when a component starts."""

    name = "rostersync"
    listeners = [listener]  # noqa: RUF012  # Airflow's interface

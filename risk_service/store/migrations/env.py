"""Alembic's entry: migrations run on the connection that ``engine.migrate`` hands over."""

from alembic import context

from risk_service.store import (  # noqa: F401  (their tables join the metadata)
    alert_tables,
    archive_tables,
    breaker_table,
    drift_tables,
    label_tables,
    model_tables,
    shadow_tables,
    stream_tables,
)
from risk_service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

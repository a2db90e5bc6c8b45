"""Where alembic gets the connection from: the one that `database.py` hands over."""

from alembic import context

from ingest.operations.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

"""How Alembic meets a database of ours; `app/migrate.py` hands everything over."""

from alembic import context

attributes = context.config.attributes
chain = attributes["chain"]

context.configure(
    connection=attributes["connection"],
    target_metadata=chain.metadata,
    version_table=chain.version_table,
    # SQLite alters a table by copying it; the first revision only makes tables.
    render_as_batch=not attributes.get("first", False),
    render_item=attributes.get("render_item"),
    process_revision_directives=attributes.get("written"),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

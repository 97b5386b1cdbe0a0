"""How Alembic is set up, and every step of the schema."""

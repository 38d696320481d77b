"""index

Revision ID: b0a1c2d3e4f5
Revises: 1a2b3c4d5e6f
Create Date: 2024-01-03 00:00:00.000000

"""
from alembic import op

# revision identifiers, used by Alembic.
revision = "b0a1c2d3e4f5"
down_revision = "1a2b3c4d5e6f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY users_nick ON users (nick)")


def downgrade() -> None:
    op.execute("DROP INDEX users_nick")

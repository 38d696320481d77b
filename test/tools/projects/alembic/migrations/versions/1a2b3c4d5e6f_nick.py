"""nick

Revision ID: 1a2b3c4d5e6f
Revises: c3d4e5f60718
Create Date: 2024-01-02 00:00:00.000000

"""
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "1a2b3c4d5e6f"
down_revision: str = "c3d4e5f60718"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN nick text")


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN nick")

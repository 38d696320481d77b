"""users

Revision ID: c3d4e5f60718
Revises:
Create Date: 2024-01-01 00:00:00.000000

"""
from alembic import op

# revision identifiers, used by Alembic.
revision = "c3d4e5f60718"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL)
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE users")

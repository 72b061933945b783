"""Circuit breakers shared by replicas"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('breakers',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('refusals', sa.Integer(), nullable=False),
    sa.Column('open_until', UtcDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('refused_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_breakers'))
    )


def downgrade() -> None:
    op.drop_table('breakers')

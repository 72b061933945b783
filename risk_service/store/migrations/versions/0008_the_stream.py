"""The stream: a log of what was told, and the clock that numbers it"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('stream_log',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('dyad', sa.String(length=7), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('data', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stream_log'))
    )
    op.create_index(op.f('ix_stream_log_at'), 'stream_log', ['at'], unique=False)
    op.create_index('ix_stream_log_of', 'stream_log', ['kind', 'dyad', 'key', 'id'], unique=False)
    op.create_table('stream_clock',
    sa.Column('name', sa.String(length=10), nullable=False),
    sa.Column('last_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_stream_clock'))
    )


def downgrade() -> None:
    op.drop_table('stream_clock')
    op.drop_index('ix_stream_log_of', table_name='stream_log')
    op.drop_index(op.f('ix_stream_log_at'), table_name='stream_log')
    op.drop_table('stream_log')

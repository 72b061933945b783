"""Corrected labels of events"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('label_corrections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('direction', sa.String(length=10), nullable=False),
    sa.Column('intensity', sa.Integer(), nullable=True),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('who', sa.String(length=100), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_label_corrections_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_corrections'))
    )
    op.create_index(op.f('ix_label_corrections_event_id'), 'label_corrections', ['event_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_label_corrections_event_id'), table_name='label_corrections')
    op.drop_table('label_corrections')

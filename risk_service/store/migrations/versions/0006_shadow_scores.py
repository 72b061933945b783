"""Shadow scores of a challenger"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('shadow_scores',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('model_version', sa.String(length=64), nullable=False),
    sa.Column('p_thaw', sa.Double(), nullable=False),
    sa.Column('p_escalation', sa.Double(), nullable=False),
    sa.Column('p_neutral', sa.Double(), nullable=False),
    sa.Column('severity', sa.Double(), nullable=False),
    sa.Column('act', sa.Double(), nullable=False),
    sa.Column('basis', sa.String(length=10), nullable=False),
    sa.Column('scored_at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_shadow_scores_event_id_events')),
    sa.PrimaryKeyConstraint('event_id', 'model_version', name=op.f('pk_shadow_scores'))
    )


def downgrade() -> None:
    op.drop_table('shadow_scores')

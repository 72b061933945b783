"""Drift by week"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('drift_weeks',
    sa.Column('dyad', sa.String(length=7), nullable=False),
    sa.Column('model_version', sa.String(length=64), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('events', sa.Integer(), nullable=False),
    sa.Column('relevant', sa.Integer(), nullable=False),
    sa.Column('scored', sa.Integer(), nullable=False),
    sa.Column('relevance_rate', sa.Double(), nullable=True),
    sa.Column('share_thaw', sa.Double(), nullable=True),
    sa.Column('share_escalation', sa.Double(), nullable=True),
    sa.Column('share_neutral', sa.Double(), nullable=True),
    sa.Column('mean_net', sa.Double(), nullable=True),
    sa.Column('unknown_words', sa.Double(), nullable=True),
    sa.Column('psi', sa.Double(), nullable=True),
    sa.Column('psi_expected', sa.Double(), nullable=True),
    sa.Column('ks', sa.Double(), nullable=True),
    sa.Column('ks_critical', sa.Double(), nullable=True),
    sa.Column('class_psi', sa.Double(), nullable=True),
    sa.Column('language_psi', sa.Double(), nullable=True),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('reference_from', sa.Date(), nullable=True),
    sa.Column('reference_to', sa.Date(), nullable=True),
    sa.Column('reference_scored', sa.Integer(), nullable=False),
    sa.Column('computed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('dyad', 'model_version', 'week', name=op.f('pk_drift_weeks'))
    )


def downgrade() -> None:
    op.drop_table('drift_weeks')

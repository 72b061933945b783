"""Scored archives"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('archive_parts',
    sa.Column('model_version', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('written_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('model_version', 'source', 'number', name=op.f('pk_archive_parts'))
    )
    op.create_table('archive_scores',
    sa.Column('model_version', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('row', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('id', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=3), nullable=True),
    sa.Column('scored', sa.Boolean(), nullable=False),
    sa.Column('p_thaw', sa.Double(), nullable=True),
    sa.Column('p_escalation', sa.Double(), nullable=True),
    sa.Column('p_neutral', sa.Double(), nullable=True),
    sa.Column('severity', sa.Double(), nullable=True),
    sa.Column('direction', sa.String(length=10), nullable=True),
    sa.Column('abstains', sa.Boolean(), nullable=True),
    sa.Column('directness', sa.String(length=10), nullable=False),
    sa.Column('relevance', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('model_version', 'source', 'row', name=op.f('pk_archive_scores'))
    )
    with op.batch_alter_table('archive_scores', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_archive_scores_model_version_source_number'), ['model_version', 'source', 'number'], unique=False)


def downgrade() -> None:
    op.drop_table('archive_scores')
    op.drop_table('archive_parts')

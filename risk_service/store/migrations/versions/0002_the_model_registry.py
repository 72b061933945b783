"""The model registry"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('model_versions',
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('card', sa.JSON(), nullable=False),
    sa.Column('registered_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_model_versions'))
    )
    op.create_table('model_aliases',
    sa.Column('alias', sa.String(length=20), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['version'], ['model_versions.version'], name=op.f('fk_model_aliases_version_model_versions')),
    sa.PrimaryKeyConstraint('alias', name=op.f('pk_model_aliases'))
    )
    op.create_table('model_exams',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('labels_sha256', sa.String(length=64), nullable=False),
    sa.Column('exam', sa.JSON(), nullable=False),
    sa.Column('examined_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('sha256', 'labels_sha256', name=op.f('pk_model_exams'))
    )
    op.create_table('promotions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('who', sa.String(length=100), nullable=False),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('from_version', sa.String(length=64), nullable=True),
    sa.Column('to_version', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('forced', sa.Boolean(), nullable=False),
    sa.Column('verdict', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promotions'))
    )


def downgrade() -> None:
    op.drop_table('promotions')
    op.drop_table('model_exams')
    op.drop_table('model_aliases')
    op.drop_table('model_versions')

"""Alerts: rules, states, what was told, and the outbox"""

from alembic import op
import sqlalchemy as sa
from risk_service.store.tables import UtcDateTime

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alert_channels',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('config', sa.JSON(), nullable=False),
    sa.Column('secrets', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('disabled_because', sa.Text(), nullable=True),
    sa.Column('deleted_at', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_channels')),
    sa.UniqueConstraint('name', name=op.f('uq_alert_channels_name'))
    )
    op.create_table('alert_rules',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('dyad', sa.String(length=7), nullable=False),
    sa.Column('series', sa.String(length=60), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=False),
    sa.Column('threshold', sa.Double(), nullable=False),
    sa.Column('max_false_alarms', sa.Double(), nullable=True),
    sa.Column('false_alarms', sa.JSON(), nullable=True),
    sa.Column('calibrated_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('group_key', sa.String(length=100), nullable=True),
    sa.Column('quiet_hours', sa.JSON(), nullable=True),
    sa.Column('muted_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('channels', sa.JSON(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=100), nullable=False),
    sa.Column('updated_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_rules'))
    )
    op.create_table('alert_states',
    sa.Column('rule_id', sa.String(length=40), nullable=False),
    sa.Column('direction', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('judged_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('memory', sa.JSON(), nullable=False),
    sa.Column('alert_id', sa.String(length=60), nullable=True),
    sa.ForeignKeyConstraint(['rule_id'], ['alert_rules.id'], name=op.f('fk_alert_states_rule_id_alert_rules')),
    sa.PrimaryKeyConstraint('rule_id', 'direction', name=op.f('pk_alert_states'))
    )
    op.create_table('alerts',
    sa.Column('id', sa.String(length=60), nullable=False),
    sa.Column('rule_id', sa.String(length=40), nullable=False),
    sa.Column('dyad', sa.String(length=7), nullable=False),
    sa.Column('direction', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('started_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('held_back', sa.String(length=20), nullable=True),
    sa.Column('acknowledged_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.String(length=100), nullable=True),
    sa.ForeignKeyConstraint(['rule_id'], ['alert_rules.id'], name=op.f('fk_alerts_rule_id_alert_rules')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts'))
    )
    op.create_index(op.f('ix_alerts_rule_id'), 'alerts', ['rule_id'], unique=False)
    op.create_index(op.f('ix_alerts_started_at'), 'alerts', ['started_at'], unique=False)
    op.create_table('alert_comments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('alert_id', sa.String(length=60), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('who', sa.String(length=100), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_alert_comments_alert_id_alerts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_comments'))
    )
    op.create_index(op.f('ix_alert_comments_alert_id'), 'alert_comments', ['alert_id'], unique=False)
    op.create_table('deliveries',
    sa.Column('id', sa.String(length=80), nullable=False),
    sa.Column('channel_id', sa.String(length=40), nullable=False),
    sa.Column('alert_id', sa.String(length=60), nullable=True),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('next_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(length=60), nullable=True),
    sa.Column('taken_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('sent_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_status', sa.Integer(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_deliveries_alert_id_alerts')),
    sa.ForeignKeyConstraint(['channel_id'], ['alert_channels.id'], name=op.f('fk_deliveries_channel_id_alert_channels')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries'))
    )
    op.create_index(op.f('ix_deliveries_alert_id'), 'deliveries', ['alert_id'], unique=False)
    op.create_index('ix_deliveries_due', 'deliveries', ['state', 'next_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_deliveries_due', table_name='deliveries')
    op.drop_index(op.f('ix_deliveries_alert_id'), table_name='deliveries')
    op.drop_table('deliveries')
    op.drop_index(op.f('ix_alert_comments_alert_id'), table_name='alert_comments')
    op.drop_table('alert_comments')
    op.drop_index(op.f('ix_alerts_started_at'), table_name='alerts')
    op.drop_index(op.f('ix_alerts_rule_id'), table_name='alerts')
    op.drop_table('alerts')
    op.drop_table('alert_states')
    op.drop_table('alert_rules')
    op.drop_table('alert_channels')

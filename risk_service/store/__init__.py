"""The database: functions take a connection and never commit."""

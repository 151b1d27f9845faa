"""The inspection station: engine and composition root, free of Qt, SQL and neural-network libraries."""

"""The inspector's window: Qt lives here and nowhere else."""

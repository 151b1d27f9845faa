"""The running station: threads, states, faults, review queue, control desk."""

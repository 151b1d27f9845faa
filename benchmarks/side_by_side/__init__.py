"""Side by side with anomalib: the same pictures, the same machine, the same run."""

"""Attribute study: how well appraisers agree with themselves, with the reference and with one another (AIAG MSA)."""

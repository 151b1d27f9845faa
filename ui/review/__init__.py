"""What happens between a waiting part and its verdict, without widgets."""

"""Everything about the network: preprocessing, inference, synthesis, training, evaluation."""

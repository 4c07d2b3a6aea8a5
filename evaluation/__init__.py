"""The judge: how well engines reconstruct held-out objects, against baselines in the same run."""

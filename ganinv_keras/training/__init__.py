"""Training: one `train_step` for the whole course, and a file for each paper that changes what is optimised."""

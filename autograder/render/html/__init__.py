"""Pages that people read, each one file that asks for nothing from anywhere else."""

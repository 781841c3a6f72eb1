"""From results on disk to who gets which score, and to what platforms import."""

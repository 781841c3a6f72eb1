"""What everything else is about, as frozen data."""

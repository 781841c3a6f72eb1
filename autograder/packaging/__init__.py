"""What is handed to others: the zip that Gradescope gets, the kit that students get."""

"""What lecturers need: a plan of minutes, a check of laptops, and a clean reset."""

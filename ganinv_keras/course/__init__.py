"""What only the pages need: the settings of a scale, pictures, tables, diagrams, exercises, the site."""

"""What work costs, each measured in a process of its own; the tables are written by what measured."""

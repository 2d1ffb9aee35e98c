"""Speed and cost: ``make bench``. Where there are rivals, they take turns in the same run."""

"""What pytest loads first: the table of notebooks at the end of a run, and a pytest for tests."""

pytest_plugins = ("notebook_table", "pytester")

"""What pytest loads first: the table of notebooks at the end of a run, and a pytest for tests."""

import os
from tempfile import TemporaryDirectory

pytest_plugins = ("notebook_table", "pytester")

# What tests pass, in this process and in the kernels it starts, is not the learner's progress.
_folder = TemporaryDirectory(prefix="musiclab-progress-")
os.environ["MUSICLAB_PROGRESS"] = os.path.join(_folder.name, "progress.json")

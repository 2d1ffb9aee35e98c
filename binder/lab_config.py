"""How ``make lab`` starts JupyterLab: the first notebook fills the window, every link works."""

import os
import sys
from pathlib import Path

BINDER = Path(__file__).resolve().parent

c = get_config()  # noqa: F821  (Jupyter lends it)
# The whole folder, so that notebooks and exercises find each other.
c.ServerApp.root_dir = str(BINDER.parent)
# "doc" shows one notebook at a time. The address that the server prints leads there too.
c.LabApp.default_url = "/doc/tree/notebooks/00_hear_it_first.ipynb"
c.LabApp.app_settings_dir = str(BINDER)  # reads overrides.json, which asks nobody about news
# So that JupyterLab's terminal finds `musiclab`; a login shell would set PATH anew.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
if os.name != "nt":
    c.ServerApp.terminado_settings = {"shell_command": [os.environ.get("SHELL", "sh")]}

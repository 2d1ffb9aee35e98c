# %% [markdown]
# **How a sheet works.** Run the two cells below first. Then write each answer where it says *your code here*, and run the check under it: it says what your answer does, and a blank is no failure. Stuck? Take away the `#` in front of `hint(...)`, and run that cell; come back to it later for the next hint. Run All is always safe.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import math
from collections import Counter, namedtuple

import numpy as np
import torch
from einops import einsum, rearrange, reduce, repeat
from torch import Tensor, nn
from torch.nn import functional as F

from musiclab.check import check, hint, order, progress, solution

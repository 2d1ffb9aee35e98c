# %% [markdown]
# # Exercises 7 · Position
#
# {links}
#
# Attention alone hears a melody and its shuffle alike. Here you tell it where each note stands, in three ways that are in use, and in one of your own.

# %% [markdown]
# {setup}

# %% [markdown]
# {sinusoidal}

# %% [markdown]
# {rotate}

# %% [markdown]
# {skew}

# %% [markdown]
# {rotary-attention}

# %% [markdown]
# {bar-clock}

# %% [markdown]
# {order-07}

# %% [markdown]
# {recall-07}

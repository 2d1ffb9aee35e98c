# %% [markdown]
# # Exercises 5 · A fair test
#
# {links}
#
# A figure is worth as much as its test is fair. Here you split pieces, catch a tune in another key, charge for every token, and then try to get past your own detector.

# %% [markdown]
# {setup}

# %% [markdown]
# {split-by-piece}

# %% [markdown]
# {same-tune}

# %% [markdown]
# {copied-passage}

# %% [markdown]
# {honest-nats}

# %% [markdown]
# {fool-the-detector}

# %% [markdown]
# {order-05}

# %% [markdown]
# {recall-05}

# %% [markdown]
# # Exercises 14 · Too much memory
#
# {links}
#
# Stop a training in time, put a price on weights, drop what a model relies on, and find out how much of its music is copied: here you write the cures and the test. And you invent a price of your own.

# %% [markdown]
# {setup}

# %% [markdown]
# {early-stopping}

# %% [markdown]
# {l1-penalty}

# %% [markdown]
# {dropout}

# %% [markdown]
# {longest-copy}

# %% [markdown]
# {own-price}

# %% [markdown]
# {order-14}

# %% [markdown]
# {recall-14}

# %% [markdown]
# # Exercises 15 · How big?
#
# {links}
#
# Fit a law, choose by a rule, and close the test set for good: three short pieces of code that keep you from fooling yourself. And you say how good a model will be that nobody has trained.

# %% [markdown]
# {setup}

# %% [markdown]
# {power-law}

# %% [markdown]
# {one-standard-error}

# %% [markdown]
# {sealed-test}

# %% [markdown]
# {own-prediction}

# %% [markdown]
# {order-15}

# %% [markdown]
# {recall-15}

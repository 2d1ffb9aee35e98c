# %% [markdown]
# # Exercises 18 · Inside the model
#
# {links}
#
# Let a model speak after each layer, mend a probe that knew too much, and silence a head. Then ask a question of your own, and find the head that answers it.

# %% [markdown]
# {setup}

# %% [markdown]
# {logit-lens}

# %% [markdown]
# {key-probe}

# %% [markdown]
# {ablate-head}

# %% [markdown]
# {own-head}

# %% [markdown]
# {order-18}

# %% [markdown]
# {recall-18}

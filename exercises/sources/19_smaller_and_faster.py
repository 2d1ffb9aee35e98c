# %% [markdown]
# # Exercises 19 · Smaller and faster
#
# {links}
#
# Store weights in a byte each, drop the smallest, mend a teacher's loss, and then shrink a real model as far as your ears allow.

# %% [markdown]
# {setup}

# %% [markdown]
# {quantise-int8}

# %% [markdown]
# {prune-magnitude}

# %% [markdown]
# {distillation-loss}

# %% [markdown]
# {own-size}

# %% [markdown]
# {order-19}

# %% [markdown]
# {recall-19}

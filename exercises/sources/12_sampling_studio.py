# %% [markdown]
# # Exercises 12 · The sampling studio
#
# {links}
#
# The model gives chances; what becomes of them is up to you. Here you bend them, cut them, draw from them, forbid some, and keep what was computed.

# %% [markdown]
# {setup}

# %% [markdown]
# {apply-temperature}

# %% [markdown]
# {top-k}

# %% [markdown]
# {top-p}

# %% [markdown]
# {sample-next}

# %% [markdown]
# {grammar-mask}

# %% [markdown]
# {generate-cached}

# %% [markdown]
# {my-cut}

# %% [markdown]
# {order-12}

# %% [markdown]
# {recall-12}

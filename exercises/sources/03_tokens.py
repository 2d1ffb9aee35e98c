# %% [markdown]
# # Exercises 3 · Tokens
#
# {links}
#
# A model reads numbers, and whatever the tokens lose, no model can bring back. Here you number the names, write a chorale as one long row, find the way back, and say the same in fewer tokens.

# %% [markdown]
# {setup}

# %% [markdown]
# {build-vocabulary}

# %% [markdown]
# {encode-frames}

# %% [markdown]
# {decode-frames}

# %% [markdown]
# {transpose}

# %% [markdown]
# {shorter-tokens}

# %% [markdown]
# {order-03}

# %% [markdown]
# {recall-03}

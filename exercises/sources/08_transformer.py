# %% [markdown]
# # Exercises 8 · The Transformer
#
# {links}
#
# A Transformer is a few small parts, repeated. Here you build each of them, count their weights, find out who hears whom, and change the block in your own way.

# %% [markdown]
# {setup}

# %% [markdown]
# {layer-norm}

# %% [markdown]
# {feed-forward}

# %% [markdown]
# {block}

# %% [markdown]
# {parameter-count}

# %% [markdown]
# {cross-attention}

# %% [markdown]
# {hears}

# %% [markdown]
# {own-block}

# %% [markdown]
# {order-08}

# %% [markdown]
# {recall-08}

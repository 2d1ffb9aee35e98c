# %% [markdown]
# # Exercises 6 · Attention
#
# {links}
#
# Take attention apart and put it together again: the weights, the mask, the way into heads and out of them, and the whole layer. Then draw a mask that nobody has asked for.

# %% [markdown]
# {setup}

# %% [markdown]
# {attention-weights}

# %% [markdown]
# {causal-mask}

# %% [markdown]
# {split-heads}

# %% [markdown]
# {merge-heads}

# %% [markdown]
# {multi-head-attention}

# %% [markdown]
# {own-mask}

# %% [markdown]
# {order-06}

# %% [markdown]
# {recall-06}

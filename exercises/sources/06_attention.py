# %% [markdown]
# # Exercises 6 · Attention
#
# {links}
#
# Five exercises take attention apart and put it together again: the weights, the mask, the way into heads and out of them. The last is the whole layer, from memory.

# %% [markdown]
# {setup}

# %% [markdown]
# {attention-weights}

# %% [markdown]
# ## How far are you?

# %%
progress()

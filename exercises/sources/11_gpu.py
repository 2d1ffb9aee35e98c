# %% [markdown]
# # Exercises 11 · On the GPU, and on several
#
# {links}
#
# Faster counts only where the result is the same and the clock is right. Here you add up over small batches and over processes, build a clock that nothing can fool, and share out the work.

# %% [markdown]
# {setup}

# %% [markdown]
# {accumulate}

# %% [markdown]
# {reduce-by-count}

# %% [markdown]
# {tokens-per-second}

# %% [markdown]
# {share-pieces}

# %% [markdown]
# {order-11}

# %% [markdown]
# {recall-11}

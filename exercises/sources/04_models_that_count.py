# %% [markdown]
# # Exercises 4 · Models that count
#
# {links}
#
# Count what follows what, and you have a model of music. Here you build one, measure how much it is surprised, and write one of your own that no check has seen before.

# %% [markdown]
# {setup}

# %% [markdown]
# {bigram-probabilities}

# %% [markdown]
# {mean-nll}

# %% [markdown]
# {perplexity}

# %% [markdown]
# {back-off}

# %% [markdown]
# {own-counting-model}

# %% [markdown]
# {order-04}

# %% [markdown]
# {recall-04}

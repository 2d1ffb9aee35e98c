# %% [markdown]
# # Exercises 4 · Models that count
#
# {links}
#
# Count what follows what, and you have a model of music. Here you build one, measure its surprise in two units, mend a third, and write one of your own.

# %% [markdown]
# {setup}

# %% [markdown]
# {bigram-probabilities}

# %% [markdown]
# {perplexity}

# %% [markdown]
# {mean-nll}

# %% [markdown]
# {back-off}

# %% [markdown]
# {own-counting-model}

# %% [markdown]
# {order-04}

# %% [markdown]
# {recall-04}

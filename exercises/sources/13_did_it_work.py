# %% [markdown]
# # Exercises 13 · Did it work?
#
# {links}
#
# A measure is a program, too, and can be wrong. Here you convert, count and compare as notebook 13 does, see how sure twelve guesses make you, and write a distance that hears music.

# %% [markdown]
# {setup}

# %% [markdown]
# {bits-per-frame}

# %% [markdown]
# {parallel-fifths}

# %% [markdown]
# {mel-cepstral-distance}

# %% [markdown]
# {wilson-interval}

# %% [markdown]
# {ear-distance}

# %% [markdown]
# {order-13}

# %% [markdown]
# {recall-13}

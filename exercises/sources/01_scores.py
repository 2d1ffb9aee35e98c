# %% [markdown]
# # Exercises 1 · Scores
#
# {links}
#
# A page of music says more than a list of notes does: ties, bars, voices. Here you read it off by program, find what a careless reader loses, and write a list of notes back onto a page.

# %% [markdown]
# {setup}

# %% [markdown]
# {voice-range}

# %% [markdown]
# {merge-ties}

# %% [markdown]
# {flatten-bars}

# %% [markdown]
# {split-at-bars}

# %% [markdown]
# {order-01}

# %% [markdown]
# {recall-01}

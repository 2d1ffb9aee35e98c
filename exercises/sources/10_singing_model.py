# %% [markdown]
# # Exercises 10 · The model that sings
#
# {links}
#
# What the singing model knows of music is intervals, keys, and what was sung before. Here you build these by hand, and give a melody a taste of its own.

# %% [markdown]
# {setup}

# %% [markdown]
# {interval-scores}

# %% [markdown]
# {pitch-class-profile}

# %% [markdown]
# {notes-before}

# %% [markdown]
# {longest-repeat}

# %% [markdown]
# {interval-row}

# %% [markdown]
# {order-10}

# %% [markdown]
# {recall-10}

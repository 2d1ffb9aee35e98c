# %% [markdown]
# # Exercises 20 · Words to music
#
# {links}
#
# Say what you measure, put words before music, and find out whether anybody listens. Then push a melody where you like.

# %% [markdown]
# {setup}

# %% [markdown]
# {caption}

# %% [markdown]
# {prefix}

# %% [markdown]
# {obedience}

# %% [markdown]
# {own-wish}

# %% [markdown]
# {order-20}

# %% [markdown]
# {recall-20}

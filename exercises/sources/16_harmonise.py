# %% [markdown]
# # Exercises 16 · Harmonise
#
# {links}
#
# Say what a decoder is asked for, what it reads meanwhile, and how large it is. Then give a model a taste of your own.

# %% [markdown]
# {setup}

# %% [markdown]
# {label-mask}

# %% [markdown]
# {shift-right}

# %% [markdown]
# {build-t5}

# %% [markdown]
# {own-harmonies}

# %% [markdown]
# {order-16}

# %% [markdown]
# {recall-16}

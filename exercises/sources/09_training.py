# %% [markdown]
# # Exercises 9 · Training
#
# {links}
#
# Training is a handful of short functions in a loop. Here you write five of them, mend the one that says how good the model is, and draw a learning rate of your own.

# %% [markdown]
# {setup}

# %% [markdown]
# {shift-targets}

# %% [markdown]
# {adam-step}

# %% [markdown]
# {clip-gradients}

# %% [markdown]
# {learning-rate}

# %% [markdown]
# {training-step}

# %% [markdown]
# {validation-loss}

# %% [markdown]
# {own-schedule}

# %% [markdown]
# {order-09}

# %% [markdown]
# {recall-09}

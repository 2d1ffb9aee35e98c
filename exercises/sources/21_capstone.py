# %% [markdown]
# # Exercises 21 · Capstone
#
# {links}
#
# Say what was lost, find relatives under other names, mend a report that is too good, and give a concert.

# %% [markdown]
# {setup}

# %% [markdown]
# {what-was-dropped}

# %% [markdown]
# {dedupe-tunes}

# %% [markdown]
# {report-figures}

# %% [markdown]
# {class-concert}

# %% [markdown]
# {order-21}

# %% [markdown]
# {recall-21}

# %% [markdown]
# # Exercises 17 · Fill the gaps
#
# {links}
#
# Hide some cells, pay for these alone, and mend your guesses sweep by sweep. Then choose what such a model practises.

# %% [markdown]
# {setup}

# %% [markdown]
# {mask-cells}

# %% [markdown]
# {masked-nll}

# %% [markdown]
# {gibbs-step}

# %% [markdown]
# {own-hole}

# %% [markdown]
# {order-17}

# %% [markdown]
# {recall-17}

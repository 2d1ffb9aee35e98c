# %% [markdown]
# # Exercises 2 · From score to MIDI to sound
#
# {links}
#
# Between a page and a sound lie hertz, seconds and a grid of 16ths. Here you go there and back, mend a grid that loses notes, and play as a person would.

# %% [markdown]
# {setup}

# %% [markdown]
# {pitch-to-hz}

# %% [markdown]
# {seconds-to-frames}

# %% [markdown]
# {grid-to-notes}

# %% [markdown]
# {quantise}

# %% [markdown]
# {play-with-feeling}

# %% [markdown]
# {order-02}

# %% [markdown]
# {recall-02}

"""The two text formats, ABC and Humdrum kern, read sign by sign, so that none is lost unseen."""

"""One family of errors: each message names the value that was got and the remedy."""


class MusicLabError(ValueError):
    """Something musiclab was given cannot be used; the message says what and how to mend it."""


class ScoreError(MusicLabError):
    """A file or score cannot be read, written or laid out in four voices."""


class TokenError(MusicLabError):
    """Music or ids fall outside a tokeniser's vocabulary."""


class CheckpointError(MusicLabError):
    """A checkpoint is missing, damaged, or made for something else."""


class SettingError(MusicLabError):
    """A setting of training, sampling or the command line is out of range."""


class CheckFailed(MusicLabError):
    """An exercise's answer is not right yet, or cannot be tried."""

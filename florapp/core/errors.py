"""The errors whose text is a sentence for the user: what happened, why, and what to do."""


class FlorAppError(Exception):
    """Base of every error that the program explains instead of showing a traceback."""


class PictureError(FlorAppError):
    """A source cannot be read as a picture."""


class ModelFileError(FlorAppError):
    """A file is not a model of the contract, or its model cannot be run."""


class DataError(FlorAppError):
    """A folder of labelled photographs, or a recipe, cannot be used as it is."""

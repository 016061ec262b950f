"""What the tests of the doctor have it do."""

from training.config import Recipe
from training.dataset import find
from training.doctor.checkup import check_up


def checked(root, recipe=None):
    recipe = recipe or Recipe()
    return check_up(find(root, recipe.data), recipe, None)

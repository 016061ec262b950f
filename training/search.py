"""Searching for a better recipe with Optuna: trials that can be stopped, pruned and shared.

The study lies in a database: a file in the search's folder, or any that several machines reach.
Each trial trains in a folder of its own, which is deleted when it is over, or the search is: what
is kept is the study, and the best recipe.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import keras
import optuna
from optuna.storages import RetryHeartbeatStaleTrialCallback
from optuna.study import MaxTrialsCallback
from optuna.trial import FrozenTrial, TrialState

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from training.backbones import Start
from training.config import ANY_NAME, Recipe, with_twins
from training.dataset import Dataset
from training.files import write_whole
from training.fit import DivergedError, fit
from training.network import check_buildable
from training.progress import say
from training.report.recipe_text import recipe_text
from training.run import identity
from training.space import check_space, suggested, with_values
from training.state import State
from training.studies import experimental, in_words, study_in

#: Of the states of a trial those by which it counts.
COUNTED = (TrialState.COMPLETE, TrialState.PRUNED)


def search(
    recipe: Recipe,
    labels: Sequence[Label],
    dataset: Dataset,
    weights: Start,
    folder: Path,
    *,
    trials: int,
    database: str = "",
) -> optuna.Study:
    """Go on until the study has ``trials`` finished or pruned ones; write the best recipe.

    ``database`` is an address as SQLAlchemy takes it; "" means ``folder``/study.db. What counts is
    the accuracy, on the validation photographs, of the network that has the lowest loss there. A
    trial that falls behind the median of the others is pruned, and so is one that diverges; one
    that was killed is begun again. Raises DataError where the recipe's table ``search`` makes no
    sense, where the study was begun with something else, where its database fails, and where no
    trial finishes.
    """
    check_space(recipe)
    about = {
        "recipe": recipe_text(dataclasses.asdict(with_twins(recipe, []))),
        "fingerprint": dataset.fingerprint,
        "weights": identity(weights),
    }
    study = study_in(folder, recipe.name, database)

    def objective(trial: optuna.Trial) -> float:
        again, stopped = _killed(study, trial), False
        run = _run_of(trial.number if again is None else again, folder)
        if again is None:  # what an older study may have left there
            shutil.rmtree(run, ignore_errors=True)
        try:
            made = _suggested(trial, recipe, len(dataset.classes))
            say(f"trial {trial.number}: {trial.params}")
            keras.utils.clear_session()
            report = partial(_report, trial)
            found = _accuracy(fit(made, labels, dataset, weights, run, after_epoch=report))
        except KeyboardInterrupt:  # as if it had been killed: the next call goes on with it
            stopped = True
            with experimental():
                go_on = RetryHeartbeatStaleTrialCallback()
            go_on(study, study.get_trials(deepcopy=False)[trial.number])
            raise
        except DivergedError as error:
            say(f"trial {trial.number}: {error}")
            raise optuna.TrialPruned from error
        finally:
            if not stopped:
                shutil.rmtree(run, ignore_errors=True)
        return found

    with in_words():
        _belongs(study, about)
        if len(study.get_trials(deepcopy=False, states=COUNTED)) < trials:
            study.optimize(objective, callbacks=[MaxTrialsCallback(trials, states=COUNTED), _tell])
        _clear_up(study, folder)
        if not study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
            raise DataError(
                "No trial has come to an end: all diverged or were given up. Let the rates in "
                "[search] begin lower, and search in another folder."
            )
        best = folder / "best.toml"
        text = best_recipe(recipe, study)
        write_whole(best, lambda part: part.write_text(text, "utf-8", ANY_NAME))
        say(f"written: {best}, trial {study.best_trial.number}, accuracy {study.best_value:.4f}")
    return study


def best_recipe(recipe: Recipe, study: optuna.Study) -> str:
    """Return the recipe of the best trial as TOML, which fit takes.

    It searches nothing, and leaves it to fit to find twins.
    """
    best = study.best_trial
    made = suggested(optuna.trial.FixedTrial(best.params), recipe)
    made = dataclasses.replace(with_twins(made, []), search={})
    return (
        f"# The best of {len(study.trials)} trials of a search over {recipe.name}: "
        f"{best.value:.4f} of the\n# validation photographs right, in trial {best.number}.\n\n"
        + recipe_text(dataclasses.asdict(made))
    )


def _run_of(number: int, folder: Path) -> Path:
    return folder / f"trial-{number:03d}"


def _clear_up(study: optuna.Study, folder: Path) -> None:
    """Delete what killed trials have left, once no process is at one any more."""
    with experimental():
        optuna.storages.fail_stale_trials(study)
    trials = study.get_trials(deepcopy=False)
    if all(trial.state is not TrialState.RUNNING for trial in trials):
        for trial in trials:
            shutil.rmtree(_run_of(trial.number, folder), ignore_errors=True)


def _killed(study: optuna.Study, trial: optuna.Trial) -> int | None:
    """Return the number of the killed trial that ``trial`` is to be again, if it is one."""
    with experimental():
        frozen = study.get_trials(deepcopy=False)[trial.number]
        return RetryHeartbeatStaleTrialCallback.retried_trial_number(frozen)


def check_choices(recipe: Recipe, classes: int) -> None:
    """Raise DataError where a choice cannot be trained: no such layer, or one output for three."""
    for key in ("fine_tune.train_from", "model.output"):
        for value in recipe.search[key].choices if key in recipe.search else ():
            check_buildable(with_values(recipe, {key: value}), classes)


def _suggested(trial: optuna.Trial, recipe: Recipe, classes: int) -> Recipe:
    try:
        made = suggested(trial, recipe)
        check_buildable(made, classes)
        return made
    except DataError as error:  # these values do not go together
        say(f"trial {trial.number}: {error}")
        raise optuna.TrialPruned from error


def _belongs(study: optuna.Study, about: dict[str, str]) -> None:
    """Note what the study is about, or raise DataError where it is about something else."""
    for key, what in (
        ("recipe", "another recipe"),
        ("fingerprint", "other photographs"),
        ("weights", "other starting weights"),
    ):
        if study.user_attrs.get(key, about[key]) != about[key]:
            raise DataError(
                f"The study {study.study_name!r} was begun with {what}. Choose another folder with "
                "--out; in a database of several studies, another name in the recipe too."
            )
        study.set_user_attr(key, about[key])


def _report(trial: optuna.Trial, state: State) -> None:
    trial.report(_accuracy(state), state.epoch)
    if trial.should_prune():
        raise optuna.TrialPruned


def _accuracy(state: State) -> float:
    return state.kept["valid_accuracy"]


def _tell(study: optuna.Study, trial: FrozenTrial) -> None:
    finished = trial.state is TrialState.COMPLETE
    say(f"trial {trial.number}: {f'accuracy {trial.value:.4f}' if finished else 'pruned'}")

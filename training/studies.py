"""The study of a search: a database that can be shared, and what goes wrong with it in words."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import optuna
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from florapp.core.errors import DataError

_HEARTBEAT = 60  # seconds; a trial that is silent for twice as long is taken for killed
_RETRIES = 3
_PAUSES = (0.3, 0.7, 1.5)  # seconds


def study_in(folder: Path, name: str, database: str = "") -> optuna.Study:
    """Open the study called ``name`` in ``database``, or in ``folder``, or begin it there.

    Raises DataError where the database cannot be used.
    """
    if not database:
        folder.mkdir(parents=True, exist_ok=True)
    with in_words(ValueError):  # of an address, too
        return opened(name, database or f"sqlite:///{folder / 'study.db'}")


def opened(name: str, database: str) -> optuna.Study:
    """Open the study called ``name`` in ``database``, or begin it there.

    Every process draws its own random numbers: with a common seed all would try the same.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        storage=_storage(database),
        study_name=name,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=3),
        load_if_exists=True,
    )


def _storage(database: str) -> RDBStorage:
    """Open ``database``. Where several begin at once all make its tables, and some stumble."""
    for pause in _PAUSES:
        with contextlib.suppress(IntegrityError, OperationalError, ProgrammingError):
            return _storage_at_once(database)
        time.sleep(pause)
    return _storage_at_once(database)


def _storage_at_once(database: str) -> RDBStorage:
    with experimental():
        return RDBStorage(
            database.replace("{", "{{").replace("}", "}}"),  # Optuna puts its version into it
            heartbeat_interval=_HEARTBEAT,
            heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=_RETRIES),
        )


@contextlib.contextmanager
def experimental() -> Iterator[None]:
    """Let pass that Optuna may change its heartbeat, which is why it is pinned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


@contextlib.contextmanager
def in_words(also: type[Exception] = SQLAlchemyError) -> Iterator[None]:
    """Say in a sentence what the database does not like."""
    try:
        yield
    except (optuna.exceptions.OptunaError, SQLAlchemyError, ImportError, also) as error:
        if isinstance(error, optuna.TrialPruned):
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        advice = ""
        if isinstance(error, ImportError):
            advice = " Its driver has to be installed (psycopg for PostgreSQL, PyMySQL for MySQL)."
        elif isinstance(error, ArgumentError | ValueError):
            advice = " An address is such as postgresql://USER@MACHINE/NAME or sqlite:///FILE."
        raise DataError(
            f"The study's database cannot be used: {reason.rstrip('.')}.{advice}"
        ) from error

"""The species cards: one for each class of the shipped model, none without its warning."""

from __future__ import annotations

import pytest

from florapp.core.network import Network
from florapp.core.paths import shipped_model
from florapp.core.species import species

#: Genera with a species that harms whoever eats or touches it: people, cats, dogs or horses.
POISONOUS = {
    "Aconitum": "deadly",
    "Adenium": "deadly",
    "Datura": "deadly",
    "Digitalis": "deadly",
    "Gloriosa": "deadly",
    "Lilium": "deadly to cats",
    "Crocus": "autumn crocus",  # its look-alike, which is deadly
    "Anthurium": "",
    "Alstroemeria": "",
    "Anemonoides": "",
    "Aquilegia": "",
    "Clematis": "",
    "Cyclamen": "",
    "Eriocapitella": "",
    "Euphorbia": "",
    "Fritillaria": "",
    "Helleborus": "",
    "Hippeastrum": "",
    "Ipomoea": "",
    "Iris": "",
    "Lathyrus": "",
    "Narcissus": "",
    "Nigella": "",
    "Papaver": "",
    "Passiflora": "",
    "Plumeria": "",
    "Primula": "",
    "Ranunculus": "",
    "Rhododendron": "",
    "Strelitzia": "",
    "Trollius": "",
    "Tulipa": "",
    "Tussilago": "liver",
    "Zantedeschia": "",
}


@pytest.fixture(scope="module")
def labels():
    return {label.id: label for label in Network(shipped_model()).card.labels}


def test_every_class_has_a_card_and_every_card_a_class(labels) -> None:
    assert species().keys() == labels.keys()


def test_cards_are_sentences_that_can_be_read_at_a_glance() -> None:
    for name, card in species().items():
        assert card.look.endswith("."), name
        assert card.place.endswith("."), name
        assert not card.warning or card.warning.endswith("."), name
        assert 1 <= len(card.alike) <= 3, name
        assert len(f"{card.look} {card.place} {card.warning}".split()) <= 110, name


def test_look_alikes_that_are_classes_are_classes(labels) -> None:
    for name, card in species().items():
        for other in card.alike:
            assert other.plant != name
            assert not other.known or other.plant in labels, (name, other.plant)
            assert other.tell and not other.tell.endswith("."), (name, other.plant)


@pytest.mark.parametrize("genus", POISONOUS)
def test_poisonous_plants_are_warned_of(labels, genus: str) -> None:
    cards = species()
    of_it = [name for name, label in labels.items() if label.genus == genus]
    assert of_it, f"no class is of the genus {genus}"
    for name in of_it:
        assert cards[name].warning, name
        assert POISONOUS[genus] in cards[name].warning.lower(), (name, cards[name].warning)


def test_nothing_is_recommended_to_be_eaten() -> None:
    for name, card in species().items():
        text = f"{card.look} {card.place} {card.warning}".lower()
        for word in ("edible", "can be eaten", "delicious", "remedy", "medicinal"):
            assert word not in text, (name, word)

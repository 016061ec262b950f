"""The species cards: one for each class of the shipped model, none without its warning."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from florapp.core.model_file import Label
from florapp.core.network import Network
from florapp.core.paths import shipped_model
from florapp.core.species import Danger, LookAlike, Species, species

#: How dangerous a genus is at least: to people, cats, dogs or horses, when eaten or touched.
AT_LEAST = {
    Danger.DEADLY: "Aconitum Adenium Datura Digitalis Gloriosa",
    Danger.DEADLY_TO_CATS: "Lilium",
    Danger.POISONOUS: """
        Anemonoides Anthurium Aquilegia Clematis Cyclamen Eriocapitella Erysimum Fritillaria
        Gladiolus Helleborus Hippeastrum Ipomoea Iris Lathyrus Narcissus Nerine Passiflora Plumeria
        Ranunculus Rhododendron Strelitzia Trollius Tulipa Tussilago Zantedeschia""",
    Danger.MILD: """
        Alstroemeria Bougainvillea Calendula Campsis Cosmos Crocus Cynara Dahlia Dianthus
        Dimorphotheca Echinacea Echinops Eschscholzia Euphorbia Gaillardia Gazania Gerbera
        Helianthus Hibiscus Leucanthemum Muscari Nigella Nymphaea Papaver Pelargonium Platycodon
        Primula Romneya Rudbeckia Tagetes Taraxacum Tithonia Tricyrtis Tropaeolum Viola""",
    Danger.NONE: """
        Abutilon Alpinia Alyogyne Antirrhinum Astrantia Camellia Campanula Canna Cattleya Cautleya
        Celosia Cirsium Convolvulus Curcuma Eryngium Eustoma Gentiana Guzmania Magnolia Malva
        Monarda Nelumbo Oenothera Paphiopedilum Petunia Phalaenopsis Phlox Protea Rosa Ruellia
        Scabiosa Wallisia""",
}
GENERA = {genus: danger for danger, genera in AT_LEAST.items() for genus in genera.split()}

#: Deaths have come of these: who shows the one is to be told of the other.
MISTAKEN = [
    ("spring_crocus", "Autumn crocus (Colchicum)", Danger.DEADLY),
    ("canterbury_bells", "foxglove", Danger.DEADLY),
    ("primula", "foxglove", Danger.DEADLY),
    ("great_masterwort", "monkshood", Danger.DEADLY),
    ("columbine", "monkshood", Danger.DEADLY),
    ("globe-flower", "monkshood", Danger.DEADLY),
    ("frangipani", "Oleander", Danger.DEADLY),
    ("frangipani", "desert-rose", Danger.DEADLY),
    ("morning_glory", "thorn_apple", Danger.DEADLY),
    ("petunia", "thorn_apple", Danger.DEADLY),
    ("cape_flower", "fire_lily", Danger.DEADLY),
    ("hippeastrum", "Oriental lily", Danger.DEADLY_TO_CATS),
    ("peruvian_lily", "tiger_lily", Danger.DEADLY_TO_CATS),
    ("love_in_the_mist", "Larkspur", Danger.POISONOUS),
    ("camellia", "azalea", Danger.POISONOUS),
]


@pytest.fixture(scope="module")
def labels() -> Mapping[str, Label]:
    return {label.id: label for label in Network(shipped_model()).card.labels}


@pytest.fixture(scope="module")
def cards() -> Mapping[str, Species]:
    return species()


def test_every_class_has_a_card_and_every_card_a_class(labels, cards) -> None:
    assert cards.keys() == labels.keys()
    for name, card in cards.items():
        assert card.is_of(labels[name]), (name, card.scientific_name)


def test_another_plant_of_the_same_id_is_not_the_cards(cards) -> None:
    assert not cards["mallow"].is_of(Label("mallow", "Mallow", "Malva sylvestris"))
    assert not cards["mallow"].is_of(Label("mallow", "Mallow"))


def test_cards_are_sentences_that_can_be_read_at_a_glance(cards) -> None:
    for name, card in cards.items():
        assert card.look.endswith("."), name
        assert card.place.endswith("."), name
        assert 1 <= len(card.alike) <= 3, name
        assert len(f"{card.look} {card.place} {card.warning}".split()) <= 110, name


def test_look_alikes_that_are_classes_are_classes(labels, cards) -> None:
    for name, card in cards.items():
        for other in card.alike:
            assert other.plant != name
            assert not other.known or other.plant in labels, (name, other.plant)
            assert other.tell and not other.tell.endswith("."), (name, other.plant)


def test_a_danger_is_explained_and_only_a_danger(cards) -> None:
    for name, card in cards.items():
        assert bool(card.warning) == (card.danger > Danger.NONE), name
        assert not card.warning or card.warning.endswith("."), name


def test_every_genus_is_judged(labels) -> None:
    assert {label.genus for label in labels.values()} == GENERA.keys()


@pytest.mark.parametrize("genus", GENERA)
def test_poisonous_plants_are_warned_of(labels, cards, genus: str) -> None:
    for name in (name for name, label in labels.items() if label.genus == genus):
        assert cards[name].danger >= GENERA[genus], name


@pytest.mark.parametrize(("name", "other", "danger"), MISTAKEN)
def test_so_are_plants_mistaken_for_poisonous_ones(cards, name, other, danger) -> None:
    assert (other, danger) in [(alike.plant, alike.danger) for alike in cards[name].worse_alike()]


def test_a_look_alike_is_as_dangerous_everywhere(cards) -> None:
    dangers: dict[str, Danger] = {}
    for name, card in cards.items():
        for other in card.alike:
            assert dangers.setdefault(other.plant, other.danger) == other.danger, (name, other)
            assert not other.known or cards[other.plant].danger == other.danger


def test_only_look_alikes_worse_than_the_plant_itself_are_told_first() -> None:
    alike = tuple(LookAlike(danger.name, False, "its tell", danger) for danger in Danger)

    def told(danger: Danger) -> list[str]:
        return [o.plant for o in Species("", "", "", alike, danger, "").worse_alike()]

    assert told(Danger.NONE) == ["DEADLY", "DEADLY_TO_CATS", "POISONOUS"]
    assert told(Danger.MILD) == ["DEADLY", "DEADLY_TO_CATS", "POISONOUS"]
    assert told(Danger.POISONOUS) == ["DEADLY", "DEADLY_TO_CATS"]
    assert told(Danger.DEADLY) == []


def test_nothing_is_recommended_to_be_eaten(cards) -> None:
    for name, card in cards.items():
        text = f"{card.look} {card.place} {card.warning}".lower()
        for word in ("edible", "can be eaten", "delicious", "remedy", "medicinal"):
            assert word not in text, (name, word)

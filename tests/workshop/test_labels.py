from pathlib import Path

import pytest

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from training.labels import read_labels

TABLE = Path(__file__).resolve().parents[2] / "training" / "recipes" / "flowers103_labels.toml"


def shipped():
    import tomllib

    ids = list(tomllib.loads(TABLE.read_text(encoding="utf-8")))
    return read_labels(TABLE, ids)


def test_103_different_flowers():
    labels = shipped()
    assert len(labels) == 103
    assert len({label.id for label in labels}) == 103
    assert len({label.name.casefold() for label in labels}) == 103


def test_no_two_classes_are_called_alike(tmp_path):
    table = tmp_path / "labels.toml"
    table.write_text('[lemon]\nname = "Zitrone"\n[lime]\nname = "Zitrone"\n')
    with pytest.raises(DataError, match="call two classes 'Zitrone'"):
        read_labels(table, ["lemon", "lime"])


@pytest.mark.parametrize("label", shipped(), ids=lambda label: label.id)
def test_the_names_agree_with_one_another(label):
    first, *rest = label.scientific_name.split()
    assert label.rank in {"species", "genus", "hybrid", "cultivar", "group"}
    assert label.name
    assert label.name[0].isupper()
    assert label.genus == first
    assert label.genus.istitle()
    assert label.family.endswith("aceae")
    assert label.id == label.id.lower().replace(" ", "_")
    if label.rank == "genus":
        assert not rest
    elif label.rank in ("species", "hybrid"):
        assert rest


def test_one_genus_is_in_one_family():
    families: dict[str, str] = {}
    for label in shipped():
        assert families.setdefault(label.genus, label.family) == label.family


def test_a_table_cannot_call_a_class_something_else(tmp_path):
    (tmp_path / "labels.toml").write_text('[rose]\nid = "tulip"\nname = "Rose"\n')
    with pytest.raises(DataError, match="rose has an 'id', which is the name of its folder"):
        read_labels(tmp_path / "labels.toml", ["rose"])


def test_without_a_table_a_class_is_called_like_its_folder():
    assert read_labels(None, ["water_lily", "Rose"]) == (
        Label("water_lily", "Water lily"),
        Label("Rose", "Rose"),
    )
    assert [label.name for label in read_labels(None, ["roter_Apfel", "Großer Löwenzahn"])] == [
        "Roter Apfel",
        "Großer Löwenzahn",
    ]


def test_a_table_is_read_whatever_editor_wrote_it_and_however_its_umlauts_are_written(tmp_path):
    path = tmp_path / "labels.toml"
    path.write_text('["caf\N{LATIN SMALL LETTER E WITH ACUTE}"]\nname = "Coffee"', "utf-8-sig")
    (label,) = read_labels(path, ["cafe\N{COMBINING ACUTE ACCENT}"])
    assert (label.id, label.name) == ("cafe\N{COMBINING ACUTE ACCENT}", "Coffee")


def test_the_table_may_say_more_than_is_asked_and_is_in_the_order_of_the_classes():
    labels = read_labels(TABLE, ["yellow_iris", "alpine_sea_holly"])
    assert [label.name for label in labels] == ["Yellow iris", "Alpine sea holly"]


@pytest.mark.parametrize(
    ("content", "about"),
    [
        (b"", "no entry for the class 'rose'"),
        (b"[rose]\nname = 'Rose'\nspecies = 'x'", "not what is expected"),
        (b"[rose]\ngenus = 'Rosa'", "not what is expected"),
        (b"rose = 1", "not what is expected"),
        (b"[rose]\nname = 5", r"rose\.name is 5; expected: text"),
        (b"[rose]\nname = 2024-01-01", r"rose\.name is .*; expected: text"),
        (b"[rose]\nname = ' '", "rose has an empty name"),
        (b"[rose", "not what is expected"),
        (b"[rose]\nname = '\xe9'", "not what is expected"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_table_that_does_not_fit(tmp_path, content, about):
    path = tmp_path / "labels.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=about) as error:
        read_labels(path, ["rose"])
    assert str(path) in str(error.value)

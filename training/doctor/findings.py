"""What the doctor can find, and what it says of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """The kinds of finding, in the order in which they are told."""

    UNREADABLE = "unreadable"
    EMPTY = "nothing to see"
    CONFLICT = "under two classes"
    LEAK = "in training and held back"
    REPEAT = "twice in a class"
    MISLABEL = "label in doubt"
    OUTLIER = "unlike the others"
    BLURRED = "blurred"
    TINY = "tiny"
    ENDING = "wrong ending"
    IMBALANCE = "imbalance"
    GIVEAWAY = "giveaway"


#: The kinds of which the photographs are proposed for exclusion: training on them does harm, or
#: none is lost. All others a person should look at, and decide.
PROPOSED = frozenset(
    {Kind.UNREADABLE, Kind.EMPTY, Kind.CONFLICT, Kind.LEAK, Kind.REPEAT, Kind.MISLABEL}
)

#: Of each kind: what it is, why it matters, what is proposed and why.
ABOUT = {
    Kind.UNREADABLE: "The file cannot be opened as a picture, so that nothing can be learnt from "
    "it. Proposed for exclusion.",
    Kind.EMPTY: "The picture is one colour, black, or nothing but noise: whatever its label says "
    "is not in it. Proposed for exclusion.",
    Kind.CONFLICT: "The same picture stands under two classes. One label is wrong, and nobody can "
    "tell which from the files, so both are proposed for exclusion. If you know the right one, "
    "delete its line from the CSV file and it is kept.",
    Kind.LEAK: "The same picture is trained on and measured with. What has been seen is answered "
    "well, so the measured accuracy would be too high. The one in the training is proposed for "
    "exclusion; fit leaves it out in any case.",
    Kind.REPEAT: "The same picture stands in a class more than once, and counts as often. All but "
    "the first by name are proposed for exclusion.",
    Kind.MISLABEL: "A simple classifier that has not seen the photograph is confident that it "
    "belongs to another class; on the right is the photograph of that class which is most like it. "
    "Some of these labels are wrong, other photographs are only hard to tell, so look before you "
    "leave them out. Those to train on are proposed for exclusion: delete a line from the CSV file "
    "to keep a photograph, or better, move a wrong one to the folder where it belongs. Those held "
    "back are not: without all that is hard to tell, what is measured would be too high.",
    Kind.OUTLIER: "The photograph is less like those nearest to it than they are like each other: "
    "perhaps of another subject, a drawing, a screenshot. Often it is only unusual, and unusual "
    "photographs are worth having; so nothing is proposed. Those at the top are the most unlike.",
    Kind.BLURRED: "The picture has hardly an edge left. What is shown may still be told by its "
    "colours, and photographs to be named later may be blurred too; so nothing is proposed.",
    Kind.TINY: "The picture is much smaller than the others, and is enlarged to a blur for the "
    "network. It may still show its subject, so nothing is proposed; find a larger copy if there "
    "is one.",
    Kind.ENDING: "The file's name ends otherwise than its content says. Training and program go by "
    "the content, but a file whose ending is no picture's is never looked at. Rename it; nothing "
    "is proposed.",
    Kind.IMBALANCE: "A class with many photographs is learnt better, and answered more often, than "
    "one with few. No photograph is at fault, so nothing is proposed: add photographs to the small "
    "classes, or expect less of them.",
    Kind.GIVEAWAY: "Something that has nothing to do with the subject tells the classes apart: "
    "they probably come from different cameras or places. A network may learn that instead of the "
    "subject, and fail on photographs from elsewhere although the validation goes well. No "
    "photograph is at fault, so nothing is proposed: bring photographs of each class from each "
    "place, or save all of them alike.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found.

    ``path`` is the photograph's and ``partner`` that of another which it is compared with, both
    below the data; "" where there is none. ``label`` is the name of its class, "" where it is of
    all. ``detail`` says it in words. Of labels in doubt ``held_back`` are those that are measured
    with.
    """

    kind: Kind
    path: str
    label: str
    detail: str
    partner: str = ""
    held_back: bool = False

    @property
    def proposed(self) -> bool:
        """Whether to leave the photograph out is proposed."""
        return self.kind in PROPOSED and not self.held_back

"""FlorApp's workshop: from labelled photographs to the model file that the program loads."""

"""What FlorApp knows: pictures, the model file, the network and its answers. No Qt in here."""

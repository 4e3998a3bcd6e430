"""The Python of the book *How a neuron bends a line*: one concept per module."""

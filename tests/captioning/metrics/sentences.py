"""Sentences of our own, whose scores the official programs gave."""

REFERENCES = [
    [
        "a brown dog runs across the grass",
        "the dog is running on a green lawn",
        "a dog chases a ball in the park",
    ],
    [
        "two children play with a red kite",
        "kids flying a kite on the beach",
        "two kids hold a kite by the sea",
    ],
    [
        "a bowl of fruit on a table",
        "apples and oranges in a wooden bowl",
        "some fruit sits in a bowl on the table",
    ],
    [
        "a man rides a bicycle down the street",
        "a cyclist on a city road",
        "the man is riding his bike past parked cars",
    ],
]
GOOD = [
    "a dog is running on the grass",
    "two kids playing with a kite",
    "a bowl of fruit sitting on a table",
    "a man riding a bike down a city street",
]
EDGE = [
    "",
    "kite",
    "a a a a a a a a",
    "a man riding a bike down a city street past parked cars on a sunny day in the town",
]

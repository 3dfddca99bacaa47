"""Reading ink back: a bidirectional LSTM with connectionist temporal classification (Graves et al. 2006).

config      what can be chosen
features    ink -> frames, whatever its place, size, slope and slant
network     frames -> the log-probability of each character at each frame
ctc         log-probabilities -> text: greedy, beam search, and the probability of a given text
distance    how many characters were misread
reader      Reader: what the commands and the scribe call
rows        ink of several lines -> lines
train       learning to read from real ink
evaluate    the character error rate
commands    handwriting read, proofread and teach

Letters: B batch, F frames, D features of a frame, S symbols (0 is the blank), U characters, T points.
"""

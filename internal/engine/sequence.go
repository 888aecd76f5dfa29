package engine

import "strconv"

// sequenceBase makes sequence numbers 20 digits long, as AWS's are. The numbers of one queue rise with every message and
// never go back, since the counter behind them does not; they do not rise by one.
const sequenceBase = 10_000_000_000_000_000_000

func formatSequence(seq uint64) string { return strconv.FormatUint(sequenceBase+seq, 10) }

"""The ground the other rooms stand on: a run and its inputs, its files, the fold, and resolve."""

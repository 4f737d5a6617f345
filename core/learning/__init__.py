"""Learning to find a sound from a few marked clips: sample selection, heads, calibration, evaluation, model files.

`training.train` takes the embeddings of whole recordings and the marks in them, and gives a `trained.Trained`, whose
`score` turns the embeddings of any whole recording into one probability per grain. `model_store.ModelStore` keeps it.
"""

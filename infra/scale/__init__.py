"""What the system needs and costs for a number of panels, and what its autoscaler makes of a day.

`python -m infra.scale` writes the tables and the picture of docs/scale.md. It measures nothing:
figures come from `benchmarks/results/`, from the code and the templates themselves, and from three
files that are there to be edited: `assumptions.toml`, `prices.toml`, `limits.toml`.
"""

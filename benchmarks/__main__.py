"""Run every measurement, or those that the command line names."""

import argparse
import sys

from benchmarks import (
    activation_cost,
    linear_regions,
    live_figures,
    run_all,
    scalar_autograd,
    tensor_autograd,
)

BENCHMARKS = {
    "activation_cost": activation_cost.main,
    "scalar_autograd": scalar_autograd.main,
    "tensor_autograd": tensor_autograd.main,
    "linear_regions": linear_regions.main,
    "run_all": run_all.main,
    "live_figures": live_figures.main,
}


def main() -> int:
    """Run the measurements and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="default: all")
    for name in parser.parse_args().names or BENCHMARKS:
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())

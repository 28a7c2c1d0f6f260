#!/usr/bin/env python3
"""Measures mpgemm, cuBLASLt and Triton side by side; benchmarks/run.py --help, or benchmarks/README.md."""

from harness.command import main

if __name__ == "__main__":
    main()

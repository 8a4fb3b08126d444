"""The whole service: throughput, CPU, latency and memory, compared with the bare render loop and with peers."""

"""`python -m infra.monitoring`: writes what is written from the code."""

from infra.monitoring.written import written

if __name__ == "__main__":
    for path, text in written():
        path.write_text(text)

"""`python -m infra.monitoring`: writes the generated files."""

from infra.monitoring.generated import generated_files

if __name__ == "__main__":
    for path, text in generated_files():
        path.write_text(text)

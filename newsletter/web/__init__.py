"""What is served over HTTP: the output folder, as a web server should carry it (docs/adr/0019-serve.md)."""

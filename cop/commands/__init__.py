"""Commands of the service, each beside the services it calls; `cop.cli` gathers them."""

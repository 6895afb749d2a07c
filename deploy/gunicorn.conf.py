"""Settings of the web server; bind address and number of workers come from the command line."""

worker_class = "gthread"
threads = 2
keepalive = 30
timeout = 60
graceful_timeout = 20
max_requests = 50_000
max_requests_jitter = 5_000
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True

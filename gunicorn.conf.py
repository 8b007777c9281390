"""How gunicorn serves the application; the command line and WEB_CONCURRENCY win."""

wsgi_app = "erbm.wsgi"
worker_class = "gthread"
workers = 2
threads = 4
timeout = 60
graceful_timeout = 10
# Memory that leaks slowly is given back before anyone notices.
max_requests = 5_000
max_requests_jitter = 500
# Workers show that they live by touching a file, which must never wait for a disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108
control_socket_disable = True

"""``python -m bench``: figures as ratios to a bare Flask application under the same server in the same run."""

if __name__ == "__main__":  # the processes of the load import this file too, and need nothing of what follows
    from bench.measuring import main

    main()

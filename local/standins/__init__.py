"""Small servers on 127.0.0.1 that speak as Google, Slack and AWS do, as far as this system listens."""

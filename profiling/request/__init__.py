"""Where one request spends its time, from socket to socket."""

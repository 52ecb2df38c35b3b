"""Tables that offices send and receive: status and contacts in, lists out."""

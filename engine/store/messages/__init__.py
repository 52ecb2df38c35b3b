"""What must be told to whom: notices, messages, attempts to send, and the desk that looks at them."""

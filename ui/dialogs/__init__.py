"""Windows that ask or tell; the only place of message boxes."""

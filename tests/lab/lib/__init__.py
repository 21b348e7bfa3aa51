"""What the labs are made of: networks in namespaces, real daemons, captures, and an independent reading of the TED wire format."""

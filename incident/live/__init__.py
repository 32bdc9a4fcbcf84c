"""Live pictures: topics count changes, pokes tell of them, the hub paints regions and forwards them to sockets."""

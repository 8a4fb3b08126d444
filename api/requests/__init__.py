"""What requests carry beside their bodies: JSON that every parser reads alike, cursors, labels, ranges and preferences."""

"""Tables and statements, one file a subject. Nothing outside this room writes SQL."""

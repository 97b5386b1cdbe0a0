"""What Kawaraban says to people, in their language: English in the code, the others in files."""

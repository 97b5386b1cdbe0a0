"""What a site says about itself in its own configuration."""

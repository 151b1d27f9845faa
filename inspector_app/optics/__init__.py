"""How pictures are taken: measures of quality, limits taught from good pictures, corrections, scale, configuration."""

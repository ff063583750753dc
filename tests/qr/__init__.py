"""URLs as QR codes, and the logos in them."""

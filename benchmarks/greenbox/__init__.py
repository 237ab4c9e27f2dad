"""How well ``roi-greenbox`` finds boxes that were drawn into real images and saved as JPEG."""

"""Where models come from: folders and the Hugging Face hub, safetensors only."""

"""The full-screen browser; nothing but ``triptych browse`` imports it."""

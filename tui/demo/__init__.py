"""The demo: real images out of installed packages, and the steps that make a lake of them."""

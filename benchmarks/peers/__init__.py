"""Other tools on the same data, asked the same questions, in processes of their own."""

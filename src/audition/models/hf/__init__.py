"""Networks of transformers: texts, pictures and sounds."""

"""The page at ``/``: one HTML shell, a style sheet and small JavaScript modules, no build step."""

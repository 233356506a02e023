"""The page of the programme's figures: its door is ``pagina``."""

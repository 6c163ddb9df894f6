"""
The care team's pages, drawn on the server: no script, one stylesheet, and strangers' text is data.

Pure: views in, text out. What is asked for and by whom is the routes' business.
"""

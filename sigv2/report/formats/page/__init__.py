"""What a report for a browser is made of: numbers by day, charts, sections, and the page that holds them."""

"""The companion command line."""

"""`discover --cost`: what it would cost to watch buckets, as far as their requests are known."""

"""What a pipeline is, in plain values: names, ARNs, targets, selectors, policies, queries, links; no resource."""
